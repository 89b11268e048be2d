"""Where a gate hears of passages, of fire, and of what else happens at its turnstile."""

from typing import Annotated, Generic, Literal, Self, TypeAlias, TypeVar

from pydantic import Field, model_validator

from edge.config import AbsolutePath, Settings
from turnstile.drivers.settings import Pin
from turnstile.inputs.contacts import Name, Rules

BoardInput = Annotated[int, Field(ge=1, le=64)]
Place = TypeVar("Place", bound=int)


class SimulatedInputs(Settings):
    """The simulated turnstile tells what its people do."""

    source: Literal["simulated"]


class BoardInputs(Settings):
    """A simulated board tells it at `path`, which it prints when it starts."""

    source: Literal["board"]
    path: AbsolutePath


class ContactSettings(Settings, Generic[Place]):
    """Dry contacts: where each is wired, how it rests, and when a change counts.

    `passage_rests_closed`: the PASS relays are energised at rest, so that the contact opens on a passage.
    `ready_closed`: the READY contact is closed while the turnstile is ready. `fire` and `tamper` are normally
    closed: a cut wire is the same as a fire, or as an opened housing. `request_to_exit` is a button.
    A change shorter than `bounce_seconds` is noise. Two changes within `together_seconds` have one cause.
    """

    passage_in: Place
    passage_out: Place | None = None
    ready: Place | None = None
    fire: Place | None = None
    tamper: Place | None = None
    request_to_exit: Place | None = None
    passage_rests_closed: bool = False
    ready_closed: bool = True
    together_seconds: float = Field(default=0.1, gt=0, le=1)

    @property
    def places(self) -> dict[Name, int]:
        """Where each contact that there is is wired."""
        wired = {name: getattr(self, name.value) for name in Name}
        return {name: place for name, place in wired.items() if place is not None}

    def rules(self, bounce: float) -> Rules:
        """How the contacts are read."""
        return Rules(
            passage_rests_closed=self.passage_rests_closed,
            ready_closed=self.ready_closed,
            bounce=bounce,
            together=self.together_seconds,
        )

    @model_validator(mode="after")
    def _own_places(self) -> Self:
        places = list(self.places.values())
        if len(set(places)) < len(places):
            raise ValueError("two inputs share a pin")
        return self


class GpioInputs(ContactSettings[Pin]):
    """Contacts between a pin (BCM number, pulled up) and ground."""

    source: Literal["gpio"]
    bounce_seconds: float = Field(default=0.03, gt=0, le=1)


class ModbusInputs(ContactSettings[BoardInput]):
    """Contacts at the inputs of the Modbus board that is the driver, counted from 1; on means closed.

    They are read every `poll_seconds`, each time at the cost of one exchange on the line; a contact that
    moves for less is not seen. Wire the fire contact to a pin instead: a board that is away sees no fire.
    """

    source: Literal["modbus_rtu"]
    poll_seconds: float = Field(default=0.1, ge=0.02, le=1)

    @property
    def bounce_seconds(self) -> float:
        """A change must be read twice."""
        return self.poll_seconds * 1.5


InputSettings: TypeAlias = Annotated[
    SimulatedInputs | BoardInputs | GpioInputs | ModbusInputs, Field(discriminator="source")
]
