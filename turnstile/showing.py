"""Keeps what is shown steady: a verdict stays readable, hints do not change from frame to frame. Pure.

Times are seconds of the monotonic clock.
"""

from dataclasses import dataclass

from edge.domain.events import Direction
from turnstile.cue import GRANTED, REFUSED, Cue, cue, for_everybody
from turnstile.gate_states import State

GRANTED_SECONDS = 3.0
REFUSED_SECONDS = 4.0
WAIT_SECONDS = 1.5
LINGER_SECONDS = 0.6
"""How long a hint, or the refusal of somebody who stays, lasts after the frame that asked for it."""
STEADY_SECONDS = 0.6
"""Between two changes that no verdict and no state asks for."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A cue, and the first name to greet with where that is allowed."""

    cue: Cue
    name: str | None = None


class Showing:
    """Belongs to the gate's loop. `direction` is the lane's."""

    def __init__(self, direction: Direction, rest: Cue) -> None:
        self._direction = direction
        self._rest = rest
        self._shown = Shown(rest)
        self._since = float("-inf")
        self._verdict: Shown | None = None
        self._verdict_until = float("-inf")
        self._hint: Cue | None = None
        self._hint_until = float("-inf")

    def decided(self, verdict: Shown, at: float) -> None:
        """A person was let in or refused; replaces what an earlier one was told."""
        self._verdict = verdict
        self._verdict_until = at + _seconds(verdict.cue)

    def hint(self, hint: Cue, at: float) -> None:
        """What a frame asks of whoever stands there."""
        self._hint, self._hint_until = hint, at + LINGER_SECONDS

    def still_refused(self, at: float) -> None:
        """Whoever was refused still stands there, and is told so for as long."""
        if self._verdict is not None and self._verdict.cue in REFUSED:
            self._verdict_until = max(self._verdict_until, at + LINGER_SECONDS)

    def rest(self, rest: Cue) -> None:
        """What is shown while nothing happens."""
        self._rest = rest

    def at(self, state: State, now: float) -> Shown:
        """What to show now."""
        self._expire(state, now)
        verdict = self._verdict.cue if self._verdict is not None else None
        wanted = cue(state, self._direction, verdict, self._hint, self._rest)
        greeted = self._verdict is not None and wanted is verdict
        shown = Shown(wanted, self._verdict.name if self._verdict is not None and greeted else None)
        if shown != self._shown and (self._at_once(state) or now - self._since >= STEADY_SECONDS):
            self._shown, self._since = shown, now
        return self._shown

    def _expire(self, state: State, now: float) -> None:
        # A granted passage is shown for as long as it may be used.
        used = self._verdict is not None and state is State.RELEASED and self._verdict.cue in GRANTED
        if now >= self._verdict_until and not used:
            if self._verdict is not None:
                self._since = float("-inf")  # it was long enough to read: what follows need not wait
            self._verdict = None
        if now >= self._hint_until:
            self._hint = None

    def _at_once(self, state: State) -> bool:
        everybody = for_everybody(state, self._direction)
        return self._verdict is not None or state is State.RELEASED or everybody is not None


def _seconds(told: Cue) -> float:
    if told in GRANTED:
        return GRANTED_SECONDS
    return WAIT_SECONDS if told is Cue.WAIT else REFUSED_SECONDS
