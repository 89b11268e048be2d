"""Anti-passback: one card or face does not let two people in. Pure; nobody is ever kept from leaving.

What happened on an earlier day is forgiven: somebody left by another door, or the device was off.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from edge.domain.events import Direction


class Mode(StrEnum):
    """OFF: no rule. SOFT: staff are told. HARD: who is inside does not enter again. TIMED: not so soon."""

    OFF = "off"
    SOFT = "soft"
    HARD = "hard"
    TIMED = "timed"


class Verdict(StrEnum):
    """What the rule says."""

    FREE = "free"
    TELL = "tell"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class LastPassage:
    """Where somebody was last seen to pass; `at` is local time with its zone."""

    direction: Direction
    at: datetime


@dataclass(frozen=True, slots=True)
class Passback:
    """The rule of one access point; `again_after` is for TIMED."""

    mode: Mode = Mode.OFF
    again_after: timedelta = timedelta(minutes=10)

    def judge(self, last: LastPassage | None, direction: Direction, now: datetime) -> Verdict:
        """`now` in the school's zone. A last passage in the future, after a clock was set back, counts."""
        if direction is Direction.OUT or last is None or last.direction is Direction.OUT:
            return Verdict.FREE
        if last.at.astimezone(now.tzinfo).date() < now.date():
            return Verdict.FREE
        match self.mode:
            case Mode.OFF:
                return Verdict.FREE
            case Mode.SOFT:
                return Verdict.TELL
            case Mode.HARD:
                return Verdict.REFUSE
            case Mode.TIMED:
                return Verdict.REFUSE if now - last.at < self.again_after else Verdict.FREE
