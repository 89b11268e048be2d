"""One person in front of the gate: the decisions of successive frames become one verdict.

A refusal needs patience, and nobody is told the same thing at every frame.
"""

from collections import Counter
from dataclasses import dataclass, field

from pydantic import Field

from edge.config import Settings
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.ids import ChildId


class Patience(Settings):
    """How long the gate looks before it says something.

    `refuse_frames`: usable frames without a grant before a refusal. `unclear_s`: seconds without one frame
    that decides anything before the person is asked for another way. `clear_s`: seconds without a face after
    which the next person begins. `repeat_s`: seconds in which a child is not decided on once more.
    """

    refuse_frames: int = Field(default=8, ge=1, le=100)
    unclear_s: float = Field(default=3.0, gt=0, le=30)
    clear_s: float = Field(default=0.7, gt=0, le=10)
    repeat_s: float = Field(default=5.0, gt=0, le=60)


@dataclass(slots=True)
class _Person:
    reasons: Counter[Reason] = field(default_factory=Counter)
    unclear_since: float | None = None
    refused: bool = False


class Attempt:
    """Fed with one decision a frame; times are seconds of the monotonic clock."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._person = _Person()
        self._last_face = float("-inf")
        self._granted_until: dict[ChildId, float] = {}

    def add(self, decision: Decision, at: float) -> Decision | None:
        """Return the verdict on this person when it is reached, once; otherwise None."""
        if decision.reason in {Reason.NO_FACE, Reason.COME_CLOSER}:
            if at - self._last_face > self._patience.clear_s:
                self._person = _Person()
            return None
        self._last_face = at
        if decision.reason is Reason.LOOK_AGAIN:
            return self._unclear(at)
        self._person.unclear_since = None
        if decision.outcome is Outcome.WAIT:
            return None
        if decision.child is not None:
            return decision if self._granted_until.get(decision.child, at) <= at else None
        return self._refusing(decision)

    def done_with(self, child: ChildId, at: float) -> None:
        """This child was let in, or told why not: the next face belongs to the next person."""
        self._granted_until = {known: until for known, until in self._granted_until.items() if until > at}
        self._granted_until[child] = at + self._patience.repeat_s
        self._person = _Person()

    def _unclear(self, at: float) -> Decision | None:
        person = self._person
        if person.unclear_since is None:
            person.unclear_since = at
        if person.refused or at - person.unclear_since < self._patience.unclear_s:
            return None
        person.refused = True
        return Decision(Outcome.REFUSE, Reason.LOOK_AGAIN)

    def _refusing(self, decision: Decision) -> Decision | None:
        person = self._person
        person.reasons[decision.reason] += 1
        if person.refused or person.reasons.total() < self._patience.refuse_frames:
            return None
        person.refused = True
        return Decision(Outcome.REFUSE, person.reasons.most_common(1)[0][0])
