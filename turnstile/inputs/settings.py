"""Where a gate hears of passages and of fire."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from edge.config import AbsolutePath, Settings

Pin = Annotated[int, Field(ge=0, le=27)]


class SimulatedInputs(Settings):
    """The simulated turnstile tells what its people do."""

    source: Literal["simulated"]


class BoardInputs(Settings):
    """A simulated board tells it at `path`, which it prints when it starts."""

    source: Literal["board"]
    path: AbsolutePath


class GpioInputs(Settings):
    """The turnstile's dry contacts, each between a pin (BCM number, pulled up) and ground.

    `passage_rests_closed`: the PASS relays are energised at rest, so that the contact opens on a passage;
    then a power loss of the turnstile looks like the start of one. The fire contact is normally closed:
    fire, a cut wire and a missing panel are the same. A change shorter than `bounce_seconds` is noise.
    """

    source: Literal["gpio"]
    passage_in: Pin
    passage_out: Pin | None = None
    fire: Pin | None = None
    passage_rests_closed: bool = False
    bounce_seconds: float = Field(default=0.03, gt=0, le=1)

    @model_validator(mode="after")
    def _own_pins(self) -> Self:
        pins = [pin for pin in (self.passage_in, self.passage_out, self.fire) if pin is not None]
        if len(set(pins)) < len(pins):
            raise ValueError("two inputs share a pin")
        return self


InputSettings: TypeAlias = Annotated[
    SimulatedInputs | BoardInputs | GpioInputs, Field(discriminator="source")
]
