"""What the gate writes down: events in the outbox, decisions in the audit trail, lines in the log."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import structlog

from edge.audit import AuditTrail
from edge.domain.decisions import Decision
from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Moment
from edge.domain.ids import ChildId, Slug, uuid7
from edge.errors import OutboxError, QaqpaError
from sync.outbox import Outbox
from turnstile.clock import SYSTEM, Clock
from turnstile.gate_messages import AlarmKind
from turnstile.presence import Presence
from turnstile.trail_end import TrailEnd

log = structlog.get_logger()
_RETRY_SECONDS = 1.0
_SYNC_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Settlement:
    event_id: UUID
    kind: Kind
    moment: Moment


class Journal:
    """Keeps the order: a grant is durable before anyone acts on it; an ending is tried until it is."""

    def __init__(
        self,
        outbox: Outbox,
        audit: AuditTrail,
        school: Slug,
        gate: Slug,
        synchronised: Callable[[], bool],
        *,
        presence: Presence | None = None,
        trail_end: TrailEnd | None = None,
        clock: Clock = SYSTEM,
    ) -> None:
        self._outbox = outbox
        self._audit = audit
        self._school = school
        self._gate = gate
        self._synchronised = synchronised
        self._presence = presence
        self._trail_end = trail_end
        self._clock = clock
        self._unsettled: list[_Settlement] = []
        self._next_try = 0.0
        self._audit_dirty = False
        self._next_sync = 0.0

    @property
    def gate(self) -> Slug:
        """Whose journal it is."""
        return self._gate

    def grant(self, decision: Decision, direction: Direction, method: Method) -> UUID:
        """Write a grant down durably. Raises OutboxError; then the gate must stay shut."""
        event = self._event(decision.child, direction, method, Kind.GRANTED_NOT_PASSED)
        self._outbox.grant(event)
        self.note_decision(decision)
        return event.id

    def refuse(self, decision: Decision, direction: Direction, method: Method) -> None:
        """Write a refusal down; a full disk cannot make it a grant, so it is only logged then."""
        self.note_decision(decision)
        self._append(self._event(None, direction, method, Kind.REFUSED))

    def alarm(self, kind: AlarmKind, direction: Direction) -> None:
        """Write an alarm down."""
        self.note("alarm", kind=kind.value)
        self._append(self._event(None, direction, Method.MANUAL, Kind.ALARM))

    def emergency(self, going_on: bool) -> None:
        """Remember through a restart that all is open; a list that cannot be written keeps nothing shut."""
        if self._presence is None:
            return
        try:
            self._presence.set_emergency(self._gate, going_on, self._clock.now())
        except OutboxError as error:
            log.error("presence", problem=str(error))

    def settle(self, event_id: UUID, kind: Kind) -> None:
        """Say how a grant ended; kept and tried again while the disk refuses."""
        self._unsettled.append(_Settlement(event_id, kind, self._moment()))
        self._settle_pending()

    def step(self) -> None:
        """Try again what could not be written, and put the audit trail on the disk about once a second."""
        now = self._clock.monotonic()
        if self._unsettled and now >= self._next_try:
            self._settle_pending()
        if self._audit_dirty and now >= self._next_sync:
            self._sync_audit(now)
        if self._trail_end is not None:
            self._trail_end.step()

    def _sync_audit(self, now: float) -> None:
        self._next_sync = now + _SYNC_SECONDS
        try:
            self._audit.sync()
        except QaqpaError as error:
            log.error("audit", problem=str(error))
            return
        self._audit_dirty = False

    def _settle_pending(self) -> None:
        while self._unsettled:
            ending = self._unsettled[0]
            try:
                event = self._outbox.settle(ending.event_id, ending.kind, ending.moment)
            except OutboxError as error:
                log.error("outbox", problem=str(error))
                self._next_try = self._clock.monotonic() + _RETRY_SECONDS
                return
            self._unsettled.pop(0)
            self._note_presence(event)

    def _note_presence(self, event: AttendanceEvent) -> None:
        """Who is inside; a list that cannot be written is caught up with at the next start."""
        if self._presence is None:
            return
        try:
            self._presence.settled(event)
        except OutboxError as error:
            log.error("presence", problem=str(error))

    def note_decision(self, decision: Decision) -> None:
        """Every decision, with its reason, goes into the audit trail."""
        child = decision.child.value if decision.child else None
        self.note("decision", outcome=decision.outcome.value, reason=decision.reason.value, child=child)

    def note(self, what: str, **details: str | int | None) -> None:
        """One audit record; a full disk is logged, it neither opens nor blocks the gate."""
        self._audit_dirty = True
        try:
            self._audit.record(self._clock.now(), what, **details)
        except QaqpaError as error:
            log.error("audit", problem=str(error))

    def _append(self, event: AttendanceEvent) -> None:
        try:
            self._outbox.append(event)
        except OutboxError as error:
            log.error("outbox", problem=str(error))

    def _event(
        self, child: ChildId | None, direction: Direction, method: Method, kind: Kind
    ) -> AttendanceEvent:
        moment = self._moment()
        return AttendanceEvent(
            uuid7(moment.occurred.timestamp()),
            self._school,
            self._gate,
            child,
            direction,
            moment.occurred,
            moment.clock_synchronised,
            method,
            kind,
            moment.uptime,
        )

    def _moment(self) -> Moment:
        return Moment(self._clock.now(), self._synchronised(), self._clock.uptime())
