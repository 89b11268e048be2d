"""On a public holiday nobody waits before a gate as on a school day; the calendar is the country's own."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from edge.policy.public_holidays import KAZAKHSTAN
from edge.policy.schedule import EVERYONE, Hours, Schedule
from turnstile.rules_settings import RulesSettings

ALMATY = ZoneInfo("Asia/Almaty")
HOURS = {"groups": ["*"], "begin": "07:30", "end": "14:00"}
NAURYZ = datetime(2027, 3, 22, 9, tzinfo=ALMATY)
ESTIMATED_EID = datetime(2026, 5, 27, 9, tzinfo=ALMATY)


def school(**rules: object) -> Schedule:
    return RulesSettings.model_validate({"hours": [HOURS], **rules}).schedule()


@pytest.mark.parametrize(
    ("day", "public", "working"),
    [
        (date(2026, 12, 16), True, False),
        (date(2027, 3, 22), True, False),
        (date(2027, 1, 4), True, False),  # for 2 January, a Saturday
        (date(2026, 9, 1), False, True),
        (date(2026, 9, 5), False, False),
        (date(2025, 1, 5), False, True),  # a Sunday worked for 3 January
        (date(2025, 1, 3), True, False),
    ],
    ids=["independence", "nauryz", "observed", "tuesday", "saturday", "worked sunday", "day off for it"],
)
def test_the_countrys_calendar(day: date, public: bool, working: bool) -> None:
    assert (day in KAZAKHSTAN, KAZAKHSTAN.is_working_day(day)) == (public, working)


def test_a_public_holiday_is_a_day_without_school_by_itself() -> None:
    assert not school().admits("5A", NAURYZ)
    assert school(public_holidays=False).admits("5A", NAURYZ)


def test_a_holiday_that_the_moon_moves_is_put_right_by_the_school() -> None:
    moved = school(school_days=["2026-05-27"], closed=[{"first": "2026-05-28", "last": "2026-05-28"}])
    assert not school().admits("5A", ESTIMATED_EID)
    assert moved.admits("5A", ESTIMATED_EID)
    assert not moved.admits("5A", ESTIMATED_EID.replace(day=28))


def test_who_works_on_holidays_comes_in_on_holidays() -> None:
    staff = {"groups": ["staff"], "begin": "06:00", "end": "22:00", "without_school": True}
    both = school(hours=[HOURS, staff], closed=[{"first": "2026-12-28", "last": "2027-01-08"}])
    for day in (NAURYZ, datetime(2026, 12, 29, 9, tzinfo=ALMATY)):
        assert both.admits("staff", day)
        assert not both.admits("5A", day)
    assert not both.admits("staff", NAURYZ.replace(hour=23))


def test_a_school_without_hours_has_no_school_day_for_a_holiday_to_interrupt() -> None:
    """Whoever set no hours wants a gate that always opens; a holiday must not surprise them."""
    assert RulesSettings().schedule().admits("5A", NAURYZ)


def test_a_named_school_day_does_not_open_a_closed_week() -> None:
    hours = Hours(frozenset(range(7)), time(7), time(9))
    closed = RulesSettings.model_validate({"closed": [{"first": "2027-03-20", "last": "2027-03-28"}]})
    rules = Schedule({EVERYONE: (hours,)}, closed.schedule().closed, KAZAKHSTAN, frozenset({NAURYZ.date()}))
    assert not rules.admits("5A", NAURYZ.replace(hour=8))
