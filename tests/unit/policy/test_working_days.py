"""A parent's request is answered within the term that the law sets, counted as the law counts."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.policy.public_holidays import KAZAKHSTAN
from edge.policy.working_days import deadline

ALMATY = ZoneInfo("Asia/Almaty")
moments = st.datetimes(datetime(2024, 3, 2), datetime(2029, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))
terms = st.integers(1, 40)


def almaty(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ALMATY)


@pytest.mark.parametrize(
    ("begun", "days", "ends"),
    [
        ("2026-09-01T10:00", 1, "2026-09-03T00:00"),
        ("2026-09-01T23:59", 1, "2026-09-03T00:00"),
        ("2026-09-04T10:00", 1, "2026-09-08T00:00"),
        ("2026-09-05T10:00", 3, "2026-09-10T00:00"),
        ("2026-12-15T10:00", 1, "2026-12-18T00:00"),
        ("2026-03-20T10:00", 1, "2026-03-27T00:00"),
        ("2026-12-31T10:00", 3, "2027-01-09T00:00"),
        ("2025-01-02T10:00", 1, "2025-01-06T00:00"),
    ],
    ids=[
        "tomorrow", "last minute", "over a weekend", "begun on saturday", "over a holiday", "over nauryz",
        "over new year and christmas", "a sunday that is worked",
    ],
)  # fmt: skip
def test_terms_that_a_person_counted(begun: str, days: int, ends: str) -> None:
    assert deadline(almaty(begun), days, ALMATY) == almaty(ends)


@given(moments, terms)
def test_exactly_so_many_working_days_lie_after_the_day_of_the_request(begun: datetime, days: int) -> None:
    first = begun.astimezone(ALMATY).date()
    end = deadline(begun, days, ALMATY)
    between = [first + timedelta(n) for n in range(1, (end.date() - first).days)]
    assert sum(KAZAKHSTAN.is_working_day(day) for day in between) == days
    assert KAZAKHSTAN.is_working_day(between[-1])
    assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    assert end.tzinfo is ALMATY


@given(moments, moments, terms)
def test_who_asks_later_never_waits_for_an_earlier_end(one: datetime, other: datetime, days: int) -> None:
    assert deadline(min(one, other), days, ALMATY) <= deadline(max(one, other), days, ALMATY)


@given(moments, terms, terms)
def test_a_term_in_two_parts_is_the_same_term(begun: datetime, first: int, second: int) -> None:
    half = deadline(begun, first, ALMATY) - timedelta(microseconds=1)
    assert deadline(half, second, ALMATY) == deadline(begun, first + second, ALMATY)


@given(moments, terms)
def test_the_same_moment_in_another_zone_has_the_same_end(begun: datetime, days: int) -> None:
    elsewhere = begun.astimezone(ZoneInfo("America/Los_Angeles"))
    assert deadline(elsewhere, days, ALMATY) == deadline(begun, days, ALMATY)


def test_a_time_without_zone_and_a_term_of_no_days_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        deadline(datetime(2026, 9, 1), 1, ALMATY)
    with pytest.raises(ValueError, match="one working day at least"):
        deadline(almaty("2026-09-01T10:00"), 0, ALMATY)


def test_a_calendar_that_never_works_is_told_and_not_waited_for() -> None:
    class Never:
        def is_working_day(self, day: date, /) -> bool:
            return False

    with pytest.raises(ValueError, match="no working day"):
        deadline(almaty("2026-09-01T10:00"), 1, ALMATY, Never())
