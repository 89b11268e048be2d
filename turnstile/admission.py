"""The last steps before the turnstile opens, the same for a face, a credential and staff.

The rules of the school, the other lane, the durable record; only then the release.
"""

from datetime import timedelta

import structlog

from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.events import Direction, Method
from edge.domain.ids import ChildId
from edge.errors import OutboxError
from turnstile.clock import SYSTEM, Clock
from turnstile.gate_states import RESTING, State
from turnstile.interlock import Interlock
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.presence import LetIn
from turnstile.rules import Rules

log = structlog.get_logger()
_LATER = {Reason.GATE_UNAVAILABLE, Reason.OTHER_LANE_OPEN}


class Admission:
    """Lets one known person through one lane, or says why not."""

    def __init__(
        self,
        lane: Lane,
        journal: Journal,
        rules: Rules | None = None,
        interlock: Interlock | None = None,
        *,
        clock: Clock = SYSTEM,
    ) -> None:
        self._lane = lane
        self._journal = journal
        self._rules = rules
        self._interlock = interlock
        self._clock = clock

    def step(self) -> None:
        """Let the other lane open as soon as this one is shut; called from the gate's loop."""
        if self._interlock is not None and self._lane.state in (*RESTING, State.CLOSED):
            self._interlock.leave()

    def free(self, direction: Direction) -> bool:
        """Whether the gate could release in this direction now."""
        return self._lane.may_grant(direction)

    def alone(self) -> bool:
        """Whether the other lane is shut; it then stays so until this one has opened and is shut again."""
        return self._interlock is None or self._interlock.take()

    def admit(self, reason: Reason, child: ChildId, direction: Direction, method: Method) -> Decision:
        """Grant and release, or refuse, written down either way; or wait for the gate or the other lane.

        The rules are not for whom staff let in: they answer for it.
        """
        against = self._against(child, direction, method)
        if against in _LATER:
            return Decision(Outcome.WAIT, against)
        if against is not None:
            refused = Decision(Outcome.REFUSE, against)
            self._journal.refuse(refused, direction, method)
            return refused
        granted = Decision(Outcome.GRANT, reason, child)
        # Durable first, then open; the other way round a power cut could lose a passage.
        try:
            event_id = self._journal.grant(granted, direction, method)
        except OutboxError as error:
            log.error("outbox", problem=str(error))
            refused = Decision(Outcome.REFUSE, Reason.NOT_DURABLE)
            self._journal.note_decision(refused)
            return refused
        self._lane.release(event_id, direction)
        return granted

    def _against(self, child: ChildId, direction: Direction, method: Method) -> Reason | None:
        if not self._lane.may_grant(direction):
            return Reason.GATE_CLOSED if self._lane.state is State.CLOSED else Reason.GATE_UNAVAILABLE
        answered_for = method is Method.MANUAL
        if self._rules is not None and not answered_for:
            reason = self._rules.against(child, direction, self._clock.now())
            if reason is not None:
                return reason
        if not self.alone():
            return Reason.OTHER_LANE_OPEN
        if self._rules is None or direction is Direction.OUT:
            return None
        return self._rules.let_in(child, self._let_in(), answered_for=answered_for)

    def _let_in(self) -> LetIn:
        now = self._clock.now()
        return LetIn(self._journal.gate, now, now + timedelta(seconds=self._lane.longest_grant))
