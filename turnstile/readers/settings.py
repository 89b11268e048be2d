"""Which card readers a gate has: each is named, never guessed."""

from collections import Counter
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from edge.config import AbsolutePath, Settings, SlugField
from edge.credentials.card import NumberSettings
from turnstile.readers.number import Digits
from turnstile.readers.text import Checksum, TextSettings

Baud: TypeAlias = Literal[9600, 19200, 38400, 57600, 115200, 230400]


class OsdpBus(Settings):
    """Where an OSDP reader is: one reader at a port. Name the port under /dev/serial/by-id."""

    port: AbsolutePath
    baud: Baud = 9600
    address: int = Field(default=0, ge=0, le=126)


class OsdpReaderSettings(OsdpBus, NumberSettings):
    """A reader on RS-485 that speaks OSDP through a secure channel, with the key in `key_file`.

    `feedback`: use its light and buzzer; for readers that say they have them and then refuse the commands.
    """

    kind: Literal["osdp"]
    name: SlugField
    key_file: AbsolutePath
    feedback: bool = True

    @property
    def place(self) -> str:
        """The device file."""
        return str(self.port)


class KeyboardReaderSettings(TextSettings):
    """A USB reader that types as a keyboard does. Name it under /dev/input/by-id: event numbers change."""

    kind: Literal["keyboard"]
    name: SlugField
    device: AbsolutePath

    @property
    def place(self) -> str:
        """The device file."""
        return str(self.device)


class SerialReaderSettings(TextSettings):
    """A reader that sends a line for every card. `checksum` "xor": the last byte, in hex digits too, is the
    exclusive or of those before it.
    """

    kind: Literal["serial"]
    name: SlugField
    port: AbsolutePath
    baud: Baud = 9600
    checksum: Checksum = Checksum.NONE

    @property
    def place(self) -> str:
        """The device file."""
        return str(self.port)

    @model_validator(mode="after")
    def _checksum_of_bytes(self) -> Self:
        if self.checksum is not Checksum.NONE and self.digits is not Digits.HEX:
            raise ValueError('a checksum needs digits = "hex"')
        return self


class SimulatedReaderSettings(Settings):
    """No hardware: a test or a scenario presents the cards."""

    kind: Literal["simulated"]
    name: SlugField

    @property
    def place(self) -> None:
        """It is nowhere."""
        return None


ReaderSettings: TypeAlias = Annotated[
    OsdpReaderSettings | KeyboardReaderSettings | SerialReaderSettings | SimulatedReaderSettings,
    Field(discriminator="kind"),
]


def _distinct(readers: tuple[ReaderSettings, ...]) -> tuple[ReaderSettings, ...]:
    for what, values in (
        ("name", [str(reader.name) for reader in readers]),
        ("device", [reader.place for reader in readers if reader.place]),
    ):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise ValueError(f"two readers share the {what} {twice[0]}")
    return readers


Readers: TypeAlias = Annotated[tuple[ReaderSettings, ...], AfterValidator(_distinct)]
