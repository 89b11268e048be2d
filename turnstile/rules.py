"""The school's rules, asked once a person is known and before anything is granted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from edge.domain.decisions import Reason
from edge.domain.events import Direction
from edge.domain.ids import ChildId
from edge.errors import OutboxError
from edge.policy.passback import Passback, Verdict
from edge.policy.schedule import Schedule
from turnstile.presence import Presence

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rules:
    """`group_of` gives a person's group on the roster; `presence` is None where nobody keeps it."""

    schedule: Schedule
    passback: Passback
    zone: ZoneInfo
    group_of: Callable[[ChildId], str | None]
    presence: Presence | None

    def against(self, child: ChildId, direction: Direction, now: datetime) -> Reason | None:
        """Why this person may not pass now, or None. Whoever wants to leave always may."""
        if direction is Direction.OUT:
            return None
        local = now.astimezone(self.zone)
        if not self.schedule.admits(self.group_of(child) or "", local):
            return Reason.OUTSIDE_HOURS
        verdict = self._passback(child, direction, local)
        if verdict is Verdict.TELL:
            log.warning("passback", told="somebody who is inside came in again")
        return Reason.ALREADY_INSIDE if verdict is Verdict.REFUSE else None

    def _passback(self, child: ChildId, direction: Direction, local: datetime) -> Verdict:
        if self.presence is None:
            return Verdict.FREE
        try:
            last = self.presence.last(child)
        except OutboxError as error:  # a list that cannot be read keeps nobody out in the cold
            log.error("presence", problem=str(error))
            return Verdict.FREE
        return self.passback.judge(last, direction, local)
