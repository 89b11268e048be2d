"""A queue before one lane as its camera sees it: one person after the other walks up, at a steady rate."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from edge.domain.decisions import Reason
from edge.vision.frame import Frame
from turnstile.simulation.walks import Walker, empty_lane


@dataclass(frozen=True, slots=True)
class Arrival:
    """One person of the queue: who, whether enrolled, and when they reach the end of the queue (seconds)."""

    walker: Walker
    enrolled: bool
    due: float


@dataclass(frozen=True, slots=True)
class Visit:
    """What became of an arrival. In seconds: `waited` in the queue, `decided` after coming into view."""

    arrival: Arrival
    reason: Reason | None
    waited: float
    decided: float
    decisions: int


class QueueCamera:
    """Plays the queue in real time, `fps` frames a second.

    The next person comes into view as soon as the one before is decided on: people walk a metre apart.
    """

    dropped = 0

    def __init__(self, arrivals: Sequence[Arrival], fps: float, patience: float) -> None:
        """After `patience` seconds in view without a verdict a person goes away."""
        self._waiting = list(reversed(arrivals))
        self._period = 1 / fps
        self._patience = patience
        self._began = time.monotonic()
        self._next_frame = self._began
        self._present: Arrival | None = None
        self._came = self._free = self._began
        self._decisions = 0
        self._empty = empty_lane()
        self.shown = self.given = 0
        self.visits: list[Visit] = []

    @property
    def over(self) -> bool:
        """Whether everyone has come and gone."""
        return self._present is None and not self._waiting

    def newest(self, timeout: float) -> Frame | None:
        """The frame of now; one that nobody fetched in time is lost, as with any camera."""
        now = time.monotonic()
        if self._next_frame - now > timeout:
            time.sleep(timeout)
            return None
        time.sleep(max(0.0, self._next_frame - now))
        captured = self._next_frame
        missed = int((time.monotonic() - captured) / self._period)
        captured += missed * self._period
        self._next_frame = captured + self._period
        self.shown += 1 + missed
        self.given += 1
        person = self._in_view(captured)
        if person is None:
            return Frame(self._empty, captured)
        self._decisions += 1
        return Frame(person.walker.picture(captured - self._came), captured)

    def close(self) -> None:
        """Nothing is open."""

    def verdict(self, reason: Reason | None, at: float) -> None:
        """The person in view was decided on, and makes room."""
        present = self._present
        if present is None:
            return
        waited, decided = self._came - self._began - present.due, at - self._came
        self.visits.append(Visit(present, reason, waited, decided, self._decisions))
        self._present, self._free = None, at

    def _in_view(self, now: float) -> Arrival | None:
        if self._present is not None and now - self._came > self._patience:
            self.verdict(None, now)
        if self._present is None and self._waiting and now - self._began >= self._waiting[-1].due:
            self._present = self._waiting.pop()
            self._came = max(self._began + self._present.due, self._free)
            self._decisions = 0
        return self._present
