"""The month on paper: by class and person the days present, first entry and last exit of each day.

The monthly report that order 456 of 2022 asks of a school (`attendance_report` in edge/policy).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from edge.domain.ids import ChildId
from edge.policy.public_holidays import KAZAKHSTAN
from sync.hub.daily import Presence
from sync.hub.integration_settings import CalendarSettings
from sync.hub.roster import Pupil

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One person's month; `present` counts school days only, `days` holds weekends and holidays too."""

    who: str = field(repr=False)
    present: int
    days: Mapping[date, Presence]


@dataclass(frozen=True, slots=True)
class Report:
    """`groups` by the name of the class, "" where no list of classes was given."""

    first: date
    dates: tuple[date, ...]
    school_days: frozenset[date]
    groups: Mapping[str, tuple[Line, ...]]


def month_of(first: date) -> tuple[date, ...]:
    """All days of the month that begins on this day."""
    days = (first + timedelta(days=count) for count in range(31))
    return tuple(day for day in days if day.month == first.month)


def is_school_day(day: date, calendar: CalendarSettings) -> bool:
    """No weekend, no public holiday, none of the school's own closed days."""
    if any(begin <= day <= end for begin, end in calendar.closed):
        return False
    if calendar.saturdays and day.weekday() == _SATURDAY:
        return day not in KAZAKHSTAN
    return KAZAKHSTAN.is_working_day(day)


def compile_report(
    first: date,
    found: Iterable[Presence],
    people: Iterable[ChildId],
    calendar: CalendarSettings,
    *,
    names: Mapping[ChildId, str] | None,
    roster: Mapping[ChildId, Pupil] | None,
) -> Report:
    """For all on the roster, else for all `people` and whoever else was seen. Pseudonyms without `names`."""
    dates = month_of(first)
    school_days = frozenset(day for day in dates if is_school_day(day, calendar))
    seen: dict[ChildId, dict[date, Presence]] = {}
    for each in found:
        seen.setdefault(each.child, {})[each.day] = each
    everybody = roster.keys() if roster is not None else {*people, *seen}
    groups: dict[str, list[Line]] = {}
    for who in everybody:
        days = seen.get(who, {})
        label = who.value if names is None else names.get(who, who.value)
        group = "" if roster is None else roster[who].group
        groups.setdefault(group, []).append(Line(label, len(days.keys() & school_days), days))
    ordered = {
        group: tuple(sorted(groups[group], key=lambda line: line.who))
        for group in sorted(groups, key=_by_grade)
    }
    return Report(first, dates, school_days, ordered)


def _by_grade(group: str) -> tuple[int, str]:
    """5A before 10A."""
    digits = re.match(r"[0-9]+", group)
    return (0 if digits is None else int(digits[0]), group)
