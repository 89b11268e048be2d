"""The school's rules of one access point, as its configuration spells them."""

from datetime import date, time, timedelta
from enum import StrEnum

from pydantic import Field

from edge.config import Settings
from edge.policy.passback import Mode, Passback
from edge.policy.public_holidays import KAZAKHSTAN
from edge.policy.schedule import Closed, Hours, Schedule


class Weekday(StrEnum):
    """As people write them."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class HoursSettings(Settings):
    """When `groups` may come in; the group "*" stands for everybody without hours of their own.

    `without_school`: on days without school too, for staff who work then.
    """

    groups: tuple[str, ...] = Field(min_length=1)
    days: tuple[Weekday, ...] = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)
    begin: time
    end: time
    without_school: bool = False


class ClosedSettings(Settings):
    """Days without school, both included."""

    first: date
    last: date


class PassbackSettings(Settings):
    """`mode` off, soft (staff are told), hard, or timed: not again within `minutes`."""

    mode: Mode = Mode.OFF
    minutes: float = Field(default=10, gt=0, le=24 * 60)


class RulesSettings(Settings):
    """Who may come in when. Leaving is always free, and staff may let in whomever they answer for.

    `public_holidays`: Kazakhstan's are days without school, but for those that `school_days` names.
    """

    passback: PassbackSettings = PassbackSettings()
    hours: tuple[HoursSettings, ...] = ()
    closed: tuple[ClosedSettings, ...] = ()
    public_holidays: bool = True
    school_days: frozenset[date] = frozenset()

    def schedule(self) -> Schedule:
        """The hours by group. Raises ValueError for hours that end before they begin."""
        by_group: dict[str, tuple[Hours, ...]] = {}
        for entry in self.hours:
            for group in entry.groups:
                by_group[group] = (*by_group.get(group, ()), _hours(entry))
        closed = tuple(Closed(days.first, days.last) for days in self.closed)
        public = KAZAKHSTAN if self.public_holidays else ()
        return Schedule(by_group, closed, public, self.school_days)

    def passback_rule(self) -> Passback:
        """The anti-passback rule."""
        return Passback(self.passback.mode, timedelta(minutes=self.passback.minutes))


def _hours(entry: HoursSettings) -> Hours:
    days = frozenset(list(Weekday).index(day) for day in entry.days)
    return Hours(days, entry.begin, entry.end, entry.without_school)
