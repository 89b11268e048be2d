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
from edge.policy.passback import LastPassage, Passback, Verdict
from edge.policy.schedule import Schedule
from turnstile.presence import LetIn, Presence

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
        """Why this person may not pass at this hour, or None. Whoever wants to leave always may."""
        if direction is Direction.OUT:
            return None
        admits = self.schedule.admits(self.group_of(child) or "", now.astimezone(self.zone))
        return None if admits else Reason.OUTSIDE_HOURS

    def let_in(self, child: ChildId, grant: LetIn, *, answered_for: bool) -> Reason | None:
        """Why this person may not come in once more, or None: then the other lanes know that they are let in.

        Nobody is held back whom staff answer for.
        """
        if self.presence is None:
            return None
        local = grant.now.astimezone(self.zone)

        def judge(last: LastPassage | None) -> bool:
            verdict = self.passback.judge(last, Direction.IN, local)
            if verdict is Verdict.TELL:
                log.warning("passback", told="somebody who is inside came in again")
            return answered_for or verdict is not Verdict.REFUSE

        try:
            free = self.presence.let_in(child, grant, judge)
        except OutboxError as error:  # a list that cannot be read keeps nobody out in the cold
            log.error("presence", problem=str(error))
            return None
        return None if free else Reason.ALREADY_INSIDE
