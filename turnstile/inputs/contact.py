"""A dry contact whose chatter is not believed. Pure; time is an argument."""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """The contact took this position at this time and kept it."""

    closed: bool
    at: float


class Contact:
    """Takes every reading and gives only changes that lasted `bounce` seconds."""

    def __init__(self, *, closed: bool, bounce: float) -> None:
        self._settled = closed
        self._latest = Change(closed, float("-inf"))
        self._bounce = bounce
        self._changes: deque[Change] = deque()

    @property
    def closed(self) -> bool:
        """The last position that lasted."""
        return self._settled

    def read(self, closed: bool, at: float) -> None:
        """Take one reading, oldest first; readings without a change are welcome."""
        self._settle(at)
        if closed is not self._latest.closed:
            self._latest = Change(closed, at)

    def changes(self, now: float) -> list[Change]:
        """The changes that lasted and were not told yet."""
        self._settle(now)
        told = list(self._changes)
        self._changes.clear()
        return told

    def _settle(self, now: float) -> None:
        if self._latest.closed is not self._settled and now - self._latest.at >= self._bounce:
            self._settled = self._latest.closed
            self._changes.append(self._latest)
