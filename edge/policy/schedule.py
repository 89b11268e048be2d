"""When a group may come in: hours by weekday, and days without school. Pure; leaving is always free."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

EVERYONE = "*"
"""The group whose hours hold for everybody without hours of their own."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begin` until just before `end`, on these weekdays (Monday is 0). Raises ValueError.

    `without_school`: on holidays too, for people who work then.
    """

    days: frozenset[int]
    begin: time
    end: time
    without_school: bool = False

    def __post_init__(self) -> None:
        if not self.begin < self.end:
            raise ValueError("hours end before they begin")
        if not self.days or not self.days <= frozenset(range(7)):
            raise ValueError("hours need weekdays")

    def hold(self, now: datetime) -> bool:
        """Whether `now`, in local time, lies within them."""
        return now.weekday() in self.days and self.begin <= now.time() < self.end


@dataclass(frozen=True, slots=True)
class Closed:
    """Days without school, both ends included. Raises ValueError."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("days without school end before they begin")

    def covers(self, day: date) -> bool:
        """Whether there is no school on this day."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hours of each group; without any hours at all everybody may come in at any time.

    `public` holds the public holidays; a school without hours has no school days that they could interrupt.
    `school_days` are days with school although `public` names them.
    """

    hours: Mapping[str, tuple[Hours, ...]]
    closed: tuple[Closed, ...] = ()
    public: Container[date] = ()
    school_days: frozenset[date] = frozenset()

    def admits(self, group: str, now: datetime) -> bool:
        """Whether the group may come in at `now`, in local time. A group without hours has EVERYONE's."""
        day = now.date()
        closed = any(days.covers(day) for days in self.closed)
        if not self.hours:
            return not closed
        free = closed or (day in self.public and day not in self.school_days)
        mine = self.hours.get(group, self.hours.get(EVERYONE, ()))
        return any(hours.hold(now) and (hours.without_school or not free) for hours in mine)
