"""The school's rules of one access point, as its configuration spells them."""

from datetime import date, time, timedelta
from enum import StrEnum

from pydantic import Field

from edge.config import Settings
from edge.policy.passback import Mode, Passback
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
    """When `groups` may come in; the group "*" stands for everybody without hours of their own."""

    groups: tuple[str, ...] = Field(min_length=1)
    days: tuple[Weekday, ...] = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)
    begin: time
    end: time


class ClosedSettings(Settings):
    """Days without school, both included."""

    first: date
    last: date


class PassbackSettings(Settings):
    """`mode` off, soft (staff are told), hard, or timed: not again within `minutes`."""

    mode: Mode = Mode.OFF
    minutes: float = Field(default=10, gt=0, le=24 * 60)


class RulesSettings(Settings):
    """Who may come in when. Leaving is always free, and staff may let in whomever they answer for."""

    passback: PassbackSettings = PassbackSettings()
    hours: tuple[HoursSettings, ...] = ()
    closed: tuple[ClosedSettings, ...] = ()

    def schedule(self) -> Schedule:
        """The hours by group. Raises ValueError for hours that end before they begin."""
        by_group: dict[str, tuple[Hours, ...]] = {}
        for entry in self.hours:
            days = frozenset(list(Weekday).index(day) for day in entry.days)
            for group in entry.groups:
                by_group[group] = (*by_group.get(group, ()), Hours(days, entry.begin, entry.end))
        return Schedule(by_group, tuple(Closed(days.first, days.last) for days in self.closed))

    def passback_rule(self) -> Passback:
        """The anti-passback rule."""
        return Passback(self.passback.mode, timedelta(minutes=self.passback.minutes))
