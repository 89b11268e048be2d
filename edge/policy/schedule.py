"""When a group may come in: hours by weekday, and days without school. Pure; leaving is always free."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

EVERYONE = "*"
"""The group whose hours hold for everybody without hours of their own."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From `begin` until just before `end`, on these weekdays (Monday is 0). Raises ValueError."""

    days: frozenset[int]
    begin: time
    end: time

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
    """Hours of each group; without any hours at all everybody may come in at any time."""

    hours: Mapping[str, tuple[Hours, ...]]
    closed: tuple[Closed, ...] = ()

    def admits(self, group: str, now: datetime) -> bool:
        """Whether the group may come in at `now`, in local time. A group without hours has EVERYONE's."""
        if not self.hours:
            return not any(days.covers(now.date()) for days in self.closed)
        mine = self.hours.get(group, self.hours.get(EVERYONE, ()))
        return any(hours.hold(now) for hours in mine) and not any(d.covers(now.date()) for d in self.closed)
