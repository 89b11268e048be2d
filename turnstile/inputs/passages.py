"""Tells a passage from a loss of power that moves the same contacts. Pure; time is an argument.

PASS and READY relays may be energised at rest (PERCo TTR-08A): without power all of them move, as if people
passed both ways. But READY alone also opens at a passage that was not released, which must be told. So

- both PASS contacts away from rest at once is a turnstile without power: one rotor does not turn both ways;
  where only one is wired, it is that one leaving its rest together with READY;
- after that nothing counts until all contacts are back;
- a PASS contact that comes to rest together with the loss of READY fell back, nobody arrived.
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
    """`together`: seconds at most between motions of one cause; `hold`: for how long each is kept back.

    `ways`: how many PASS contacts are wired.
    """

    def __init__(self, together: float, hold: float, ways: int) -> None:
        self._together = together
        self._hold = hold
        self._ways = ways
        self._kept: list[Motion] = []
        self._away: set[Direction] = set()
        self._unready_since: float | None = None
        self._powerless = False
        self._told_ready = True

    def signals(self, motions: list[Motion], now: float) -> list[Signal]:
        """Take new motions, oldest first; give what can be believed by now."""
        told: list[Signal] = []
        for motion in motions:
            if motion.direction is None:
                self._take_ready(motion)
            else:
                self._take_passage(motion, motion.direction)
            if not self._away and self._unready_since is None:
                self._powerless = False
            told += self._readiness(motion.at)
        return told + self._release(now - self._hold)

    def _take_ready(self, motion: Motion) -> None:
        self._unready_since = motion.at if motion.away else None
        if motion.away:
            same = [kept for kept in self._kept if motion.at - kept.at <= self._together]
            if self._ways == 1 and any(kept.away for kept in same):
                self._lose_power(motion.at)
            fell_back = {kept.direction for kept in same if not kept.away}
            self._kept = [kept for kept in self._kept if kept not in same or kept.direction not in fell_back]

    def _take_passage(self, motion: Motion, direction: Direction) -> None:
        if motion.away:
            self._away.add(direction)
        else:
            self._away.discard(direction)
        if self._powerless:
            return
        with_ready = self._unready_since is not None and motion.at - self._unready_since <= self._together
        if len(self._away) > 1 or (self._ways == 1 and motion.away and with_ready):
            self._lose_power(motion.at)
        elif motion.away or not with_ready:
            self._kept.append(motion)
        else:
            self._kept = [kept for kept in self._kept if kept.direction is not direction]

    def _lose_power(self, at: float) -> None:
        """What moved within a moment of it was its doing; what moved earlier was a person."""
        self._powerless = True
        self._kept = [kept for kept in self._kept if kept.at < at - self._together]

    def _readiness(self, at: float) -> list[Signal]:
        ready = self._unready_since is None and not self._powerless
        if ready is self._told_ready:
            return []
        self._told_ready = ready
        return [ReadyBack()] if ready else [*self._release(at - self._together), ReadyLost()]

    def _release(self, until: float) -> list[Signal]:
        kept, self._kept = self._kept, []
        told: list[Signal] = []
        for motion in kept:
            if motion.at <= until and motion.direction is not None:
                told.append(
                    (PassageStarted if motion.away else PassageCompleted)(motion.direction, motion.at)
                )
            else:
                self._kept.append(motion)
        return told
