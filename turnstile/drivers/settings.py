"""Which turnstile a gate has: the driver is named, never guessed."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from edge.config import AbsolutePath, Settings
from turnstile.boards.people import PeopleSettings

Channel = Annotated[int, Field(ge=1, le=8)]


class LcusSettings(Settings):
    """An LCUS relay board. Name the port under /dev/serial/by-id: ttyUSB numbers change with every replug.

    `channel_out` is left out where the exit needs no release.
    """

    driver: Literal["lcus"]
    port: AbsolutePath
    channel_in: Channel = 1
    channel_out: Channel | None = None

    @model_validator(mode="after")
    def _own_channels(self) -> Self:
        if self.channel_in == self.channel_out:
            raise ValueError("channel_in and channel_out are the same relay")
        return self


class SimulatedSettings(PeopleSettings):
    """No hardware: simulated people walk through."""

    driver: Literal["simulated"]


DriverSettings: TypeAlias = Annotated[LcusSettings | SimulatedSettings, Field(discriminator="driver")]
