"""Tells a passage from a loss of power that moves the same contacts. Pure; time is an argument.

PASS relays may be energised at rest (PERCo): without power both contacts move as if people passed. And a
passage that ends in the moment in which the turnstile stops being ready may be its relay dropping. So

- a passage counts only if the turnstile was ready until a little after it;
- both contacts away from rest at once is a turnstile without power: one rotor does not turn both ways;
- after that nothing counts until all contacts are back at rest.
"""

from dataclasses import dataclass

from edge.domain.events import Direction
from turnstile.gate_messages import PassageCompleted, PassageStarted, ReadyBack, ReadyLost, Signal


@dataclass(frozen=True, slots=True)
class Motion:
    """A contact left its rest or came back; without a direction it is the READY contact."""

    direction: Direction | None
    away: bool
    at: float


class Passages:
    """`together`: seconds at most between motions of one cause; `hold`: for how long each is kept back."""

    def __init__(self, together: float, hold: float) -> None:
        self._together = together
        self._hold = hold
        self._kept: list[Motion] = []
        self._away: set[Direction | None] = set()
        self._ready = True

    def signals(self, motions: list[Motion], now: float) -> list[Signal]:
        """Take new motions, oldest first; give what can be believed by now."""
        told: list[Signal] = []
        for motion in motions:
            told += self._take(motion)
        kept, self._kept = self._kept, []
        for motion in kept:
            if now - motion.at >= self._hold:
                told.append(_signal(motion))
            else:
                self._kept.append(motion)
        return told

    def _take(self, motion: Motion) -> list[Signal]:
        if motion.away:
            self._away.add(motion.direction)
        else:
            self._away.discard(motion.direction)
        lost = None in self._away or self._away >= set(Direction)
        if self._ready and lost:
            return self._lose(motion.at)
        if not self._ready:
            if self._away:
                return []
            self._ready = True
            return [ReadyBack()]
        if motion.direction is not None:
            self._kept.append(motion)
        return []

    def _lose(self, at: float) -> list[Signal]:
        """What moved within a moment of it was its doing; what moved earlier was a person."""
        self._ready = False
        believed = [motion for motion in self._kept if motion.at < at - self._together]
        self._kept.clear()
        return [*map(_signal, believed), ReadyLost()]


def _signal(motion: Motion) -> Signal:
    assert motion.direction is not None  # noqa: S101 - only passages are kept
    return (PassageStarted if motion.away else PassageCompleted)(motion.direction, motion.at)
