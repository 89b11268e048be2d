"""One person in front of the gate: the decisions of successive frames become one verdict.

A grant needs frames that agree, a refusal needs patience, and nobody is told the same thing at every frame.
"""

from collections import Counter
from dataclasses import dataclass, field

from pydantic import Field

from edge.config import Settings
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.ids import ChildId


class Patience(Settings):
    """How long the gate looks before it says something.

    `agree`: frames in a row that must name the same child. `refuse_frames`: usable frames without a grant
    before a refusal. `clear_s`: seconds without a face after which the next person begins. `repeat_s`:
    seconds in which a child that was just granted is not granted again.
    """

    agree: int = Field(default=2, ge=1, le=10)
    refuse_frames: int = Field(default=8, ge=1, le=100)
    clear_s: float = Field(default=0.7, gt=0, le=10)
    repeat_s: float = Field(default=5.0, gt=0, le=60)


@dataclass(slots=True)
class _Person:
    candidate: ChildId | None = None
    agreed: int = 0
    reasons: Counter[Reason] = field(default_factory=Counter)
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
        if decision.outcome is Outcome.WAIT:
            self._person.agreed = 0
            return None
        if decision.child is not None:
            return self._agreeing(decision, decision.child, at)
        return self._refusing(decision)

    def granted(self, child: ChildId, at: float) -> None:
        """The turnstile was released for this child: the next face belongs to the next person."""
        self._granted_until = {known: until for known, until in self._granted_until.items() if until > at}
        self._granted_until[child] = at + self._patience.repeat_s
        self._person = _Person()

    def _agreeing(self, decision: Decision, child: ChildId, at: float) -> Decision | None:
        if self._granted_until.get(child, at) > at:
            return None
        person = self._person
        person.agreed = person.agreed + 1 if child == person.candidate else 1
        person.candidate = child
        return decision if person.agreed >= self._patience.agree else None

    def _refusing(self, decision: Decision) -> Decision | None:
        person = self._person
        person.agreed = 0
        person.reasons[decision.reason] += 1
        if person.refused or person.reasons.total() < self._patience.refuse_frames:
            return None
        person.refused = True
        return Decision(Outcome.REFUSE, person.reasons.most_common(1)[0][0])
