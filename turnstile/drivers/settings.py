"""Which turnstile a gate has: the driver is named, never guessed.

`channel_out` is left out where the exit needs no release. docs/hardware.md says which driver a board needs.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from edge.config import AbsolutePath, Settings
from edge.domain.events import Direction
from turnstile.boards.people import PeopleSettings

Relay = Annotated[int, Field(ge=1, le=8)]
NumatoRelay = Annotated[int, Field(ge=0, le=31)]
ModbusRelay = Annotated[int, Field(ge=1, le=64)]
Pin = Annotated[int, Field(ge=0, le=27)]


class RelaySettings(Settings):
    """Two relays or one."""

    channel_in: int
    channel_out: int | None

    @property
    def channels(self) -> dict[Direction, int]:
        """The relay of each direction that needs a release."""
        found = {Direction.IN: self.channel_in}
        if self.channel_out is not None:
            found[Direction.OUT] = self.channel_out
        return found

    @model_validator(mode="after")
    def _own_channels(self) -> Self:
        if self.channel_in == self.channel_out:
            raise ValueError("channel_in and channel_out are the same relay")
        return self


class LcusSettings(RelaySettings):
    """An LCUS relay board. Name the port under /dev/serial/by-id: ttyUSB numbers change with every replug."""

    driver: Literal["lcus"]
    port: AbsolutePath
    channel_in: Relay = 1
    channel_out: Relay | None = None


class KmtronicSettings(RelaySettings):
    """A KMTronic USB board; `relays` is how many it has, as it is asked accordingly."""

    driver: Literal["kmtronic"]
    port: AbsolutePath
    relays: Literal[1, 2, 4, 8]
    channel_in: Relay = 1
    channel_out: Relay | None = None

    @model_validator(mode="after")
    def _relays_there(self) -> Self:
        if max(self.channels.values()) > self.relays:
            raise ValueError(f"a board of {self.relays} relays has no relay {max(self.channels.values())}")
        return self


class NumatoSettings(RelaySettings):
    """A Numato Lab USB module; its relays are counted from 0."""

    driver: Literal["numato"]
    port: AbsolutePath
    channel_in: NumatoRelay = 0
    channel_out: NumatoRelay | None = None


class Parity(StrEnum):
    """The parity bit of a serial line."""

    NONE = "none"
    EVEN = "even"
    ODD = "odd"

    @property
    def letter(self) -> str:
        """As pyserial writes it."""
        return self.value[0].upper()


class ModbusSettings(RelaySettings):
    """A Modbus RTU relay board at an RS-485 adapter; relays are counted from 1.

    `pulse_seconds`: the board opens a relay by itself so long after the gate fell silent; 0 for a board that
    has no pulse of its own, whose relay then stays closed if the Pi dies. `answer_seconds`: how long to wait.
    """

    driver: Literal["modbus_rtu"]
    port: AbsolutePath
    unit: int = Field(default=1, ge=1, le=247)
    baud: Literal[4800, 9600, 19200, 38400, 57600, 115200] = 9600
    parity: Parity = Parity.NONE
    channel_in: ModbusRelay = 1
    channel_out: ModbusRelay | None = None
    pulse_seconds: float = Field(default=2.0, ge=0, le=60)
    answer_seconds: float = Field(default=0.3, gt=0, le=2)

    @model_validator(mode="after")
    def _pulse_outlives_a_round(self) -> Self:
        if 0 < self.pulse_seconds < 1:
            raise ValueError("pulse_seconds is 0 (none) or at least 1: it is renewed between two frames")
        return self


class GpioSettings(RelaySettings):
    """Relays at the Pi's own pins (BCM numbers); `active_high`: whether 3.3 V switches a relay on."""

    driver: Literal["gpio"]
    channel_in: Pin
    channel_out: Pin | None = None
    active_high: bool


class SimulatedSettings(PeopleSettings):
    """No hardware: simulated people walk through."""

    driver: Literal["simulated"]


DriverSettings: TypeAlias = Annotated[
    LcusSettings | KmtronicSettings | NumatoSettings | ModbusSettings | GpioSettings | SimulatedSettings,
    Field(discriminator="driver"),
]
