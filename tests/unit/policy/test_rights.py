"""When a request is due. A term counted wrong means a school that breaks the law without knowing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.domain.blocks import Asker
from edge.domain.requests import Outcome, Request, Right, Way
from edge.policy.library import find, floor
from edge.policy.rights import FLOOR, Clock, State, due, in_time, most_urgent_first, pressing, state, terms_of
from edge.policy.strictest import strictest
from edge.policy.values import Term
from tests.builders import child_id

ZONE = ZoneInfo("Asia/Almaty")
CLOCK = Clock(ZONE)
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZONE)


def at(day: int, hour: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


def request(right: object = Right.ACCESS, received: object = MONDAY, **changes: object) -> Request:
    fields: dict[str, object] = {
        "id": "r-1",
        "child": child_id(1),
        "right": right,
        "asked_by": Asker.CHILD,
        "guardian_id": None,
        "way": Way.IN_PERSON,
        "received_at": received,
    }
    return Request(**{**fields, **changes})  # type: ignore[arg-type] # one builder for every field


@pytest.mark.parametrize(
    ("right", "midnight"),
    [
        (Right.RECTIFICATION, at(25)),
        (Right.RESTRICTION, at(25)),
        (Right.UNBLOCKING, at(25)),
        (Right.WITHDRAWAL, at(25)),
        (Right.ERASURE, at(25)),
        (Right.OBJECTION, at(25)),
        (Right.ACCESS, at(27)),
        (Right.COMPLAINT, at(3, month=12)),
    ],
)
def test_every_right_has_the_laws_term_in_working_days(right: Right, midnight: datetime) -> None:
    """Asked on a Monday: one day ends with Tuesday, three with Thursday, seven with next week's Wednesday."""
    assert due(request(right), CLOCK) == midnight


def test_no_right_is_without_a_term() -> None:
    assert set(FLOOR) == set(Right)


def test_a_weekend_and_a_holiday_are_not_worked() -> None:
    """Asked on a Friday in 2026: Republic Day, 25 October, is a Sunday, and Monday is off in its place."""
    assert due(request(Right.ERASURE, at(23, 18, month=10)), CLOCK) == at(28, month=10)


def test_a_request_at_night_counts_from_the_schools_day_not_from_utc() -> None:
    late = datetime(2026, 11, 23, 20, tzinfo=UTC)  # Tuesday, one in the morning, in Almaty
    assert due(request(Right.ERASURE, late), CLOCK) == at(26)


def test_calendar_days_end_with_the_last_of_them_and_the_shorter_term_counts() -> None:
    month = Clock(ZONE, {Right.COMPLAINT: Term(calendar_days=30)})
    both = Clock(ZONE, {Right.COMPLAINT: Term(working_days=7, calendar_days=30)})
    assert due(request(Right.COMPLAINT), month) == at(24, month=12)
    assert due(request(Right.COMPLAINT), both) == at(3, month=12)


def test_the_strictest_policy_in_force_sets_the_term_of_a_complaint_and_the_law_the_rest() -> None:
    def terms(*names: str) -> Mapping[Right, Term]:
        return terms_of(strictest([find(name).bound(find(name).editions[0]) for name in names], floor()))

    assert terms("smartustaz")[Right.COMPLAINT] == Term(calendar_days=30)
    assert terms("smartustaz", "kezekshi")[Right.COMPLAINT] == Term(working_days=7)
    assert {**terms("smartustaz"), Right.COMPLAINT: FLOOR[Right.COMPLAINT]} == FLOOR


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(25, 23), State.OPEN),
        (at(26), State.NEARLY),
        (at(27) - timedelta(microseconds=1), State.NEARLY),
        (at(27), State.OVERDUE),
    ],
)
def test_staff_are_warned_on_the_last_working_day(now: datetime, expected: State) -> None:
    assert state(request(), now, CLOCK) is expected


def test_a_term_that_ends_on_a_sunday_warns_on_friday() -> None:
    """Else nobody at the school would read the warning."""
    clock = Clock(ZONE, {Right.COMPLAINT: Term(calendar_days=6)})  # to Sunday the 29th
    asked = request(Right.COMPLAINT)
    assert state(asked, at(26, 23), clock) is State.OPEN
    assert state(asked, at(27), clock) is State.NEARLY
    assert state(asked, at(29, 23), clock) is State.NEARLY


def test_closed_stays_closed_and_says_whether_it_was_in_time() -> None:
    good = request(closed_at=at(26, 23), outcome=Outcome.DONE)
    late = request(closed_at=at(27), outcome=Outcome.REFUSED)
    assert state(late, at(30), CLOCK) is State.CLOSED
    assert (in_time(good, CLOCK), in_time(late, CLOCK), in_time(request(), CLOCK)) == (True, False, None)


def test_the_most_urgent_come_first() -> None:
    overdue = request(Right.ERASURE, MONDAY - timedelta(days=7), id="overdue")
    nearly = request(Right.ERASURE, MONDAY - timedelta(days=1), id="nearly")
    fresh = request(Right.COMPLAINT, id="fresh")
    closed = request(id="closed", closed_at=MONDAY, outcome=Outcome.DONE)
    held = [closed, fresh, nearly, overdue]
    assert [each.id for each in most_urgent_first(held, MONDAY, CLOCK)] == [
        "overdue",
        "nearly",
        "fresh",
        "closed",
    ]
    assert pressing(held, MONDAY, CLOCK) == (
        "1 request about a child's data is overdue, 1 request about a child's data is on the last working day"
    )
    assert pressing([fresh, closed], MONDAY, CLOCK) == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"asked_by": Asker.GUARDIAN}, "guardian_id"),
        ({"guardian_id": "g-1"}, "guardian_id"),
        ({"received_at": datetime(2026, 11, 23)}, "received_at"),
        ({"closed_at": MONDAY}, "outcome"),
        ({"closed_at": MONDAY - timedelta(days=1), "outcome": Outcome.DONE}, "closed_at"),
    ],
)
def test_a_request_that_cannot_be_is_named(changes: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        request(**changes)
