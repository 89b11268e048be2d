"""What the gate asks of a card reader, whatever it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from edge.domain.ids import Slug
from edge.errors import ReaderError


@dataclass(frozen=True, slots=True)
class CardRead:
    """A card was held to `reader` at `at` seconds of the monotonic clock; its number stays out of the repr.

    `number`: big-endian bytes without leading zeros, the same at every kind of reader (`number.py`).
    """

    number: bytes = field(repr=False)
    reader: Slug
    at: float


class Reader(Protocol):
    """One reader. It is opened by its constructor and comes back by itself after a replug."""

    @property
    def name(self) -> Slug:
        """As the configuration names it."""
        ...

    @property
    def problem(self) -> ReaderError | None:
        """Why it cannot read cards now; None while it can."""
        ...

    @property
    def healthy(self) -> bool:
        """Whether it can read cards now."""
        ...

    @property
    def dropped(self) -> int:
        """Reads so far that nobody fetched in time: the oldest go first."""
        ...

    @property
    def misread(self) -> int:
        """Messages so far that were no card: noise, half a line, a wrong checksum or parity."""
        ...

    def poll(self) -> Sequence[CardRead]:
        """The reads since the last call, oldest first. Never waits, never raises."""
        ...

    def feedback(self, accepted: bool) -> None:
        """Show the person whether the card was accepted, where the reader has a light or a buzzer."""
        ...

    def close(self) -> None:
        """Let go of the reader; closing twice harms nothing."""
        ...
