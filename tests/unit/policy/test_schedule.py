"""A group comes in within its hours, and on no day without school."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from edge.policy.schedule import EVERYONE, Closed, Hours, Schedule
from turnstile.rules_settings import RulesSettings

WORKDAYS = frozenset(range(5))
MORNING = Hours(WORKDAYS, time(7, 30), time(14, 0))
EVENING = Hours(WORKDAYS, time(13, 0), time(19, 0))
SCHOOL = Schedule({EVERYONE: (MORNING,), "9B": (EVENING,)}, (Closed(date(2026, 12, 28), date(2027, 1, 8)),))


def at(day: int, hour: int, minute: int = 0, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Asia/Almaty"))


@pytest.mark.parametrize(
    ("group", "now", "admitted"),
    [
        ("5A", at(1, 7, 30), True),
        ("5A", at(1, 7, 29), False),
        ("5A", at(1, 14, 0), False),
        ("5A", at(5, 9), False),
        ("9B", at(1, 9), False),
        ("9B", at(1, 18, 59), True),
        ("5A", at(28, 9, month=12), False),
        ("", at(1, 9), True),
    ],
    ids=["opens", "too early", "just over", "saturday", "other shift", "own shift", "holiday", "no group"],
)
def test_hours(group: str, now: datetime, admitted: bool) -> None:
    assert SCHOOL.admits(group, now) is admitted


def test_a_school_without_hours_is_open_but_for_its_holidays() -> None:
    school = Schedule({}, SCHOOL.closed)
    assert school.admits("5A", at(5, 3))
    assert not school.admits("5A", at(30, 9, month=12))


def test_a_group_without_hours_where_others_have_some_comes_in_at_no_time() -> None:
    assert not Schedule({"9B": (EVENING,)}).admits("5A", at(1, 14))


def test_hours_that_end_before_they_begin_are_refused_when_the_gate_starts() -> None:
    entry = {"groups": ["5A"], "begin": "14:00", "end": "07:30"}
    with pytest.raises(ValueError, match="before they begin"):
        RulesSettings.model_validate({"hours": [entry]}).schedule()


def test_two_lines_for_one_group_add_up() -> None:
    lines = [{"groups": ["5A"], "begin": f"{hour}:00", "end": f"{hour + 1}:00"} for hour in (10, 15)]
    school = RulesSettings.model_validate({"hours": lines}).schedule()
    assert [school.admits("5A", at(1, hour, 30)) for hour in (10, 12, 15)] == [True, False, True]
