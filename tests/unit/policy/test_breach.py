"""The authorised body is told within one working day of Kazakhstan's calendar, whatever a policy says."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from edge.domain.breach import Breach
from edge.domain.consent import DataCategory
from edge.policy.breach import LAW, notice_term, notify_by, pressing
from edge.policy.library import find, floor
from edge.policy.strictest import strictest
from edge.policy.values import Term

ALMATY = ZoneInfo("Asia/Almaty")


def at(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ALMATY)


def breach(found: datetime, **changes: object) -> Breach:
    fields: dict[str, object] = {
        "id": "b1",
        "found_at": found,
        "opened_at": found,
        "concerned": 1,
        "data": frozenset({DataCategory.NAME}),
        "what": "a device is gone",
    }
    return Breach(**{**fields, **changes})  # type: ignore[arg-type] # one builder for every field


@pytest.mark.parametrize(
    ("found", "by"),
    [
        (at(25, 9), at(27, 0)),
        (at(25, 23), at(27, 0)),
        (at(27, 17), at(1, 0, 12)),  # found on a Friday: told by the end of Monday
        (at(15, 12, 12), at(18, 0, 12)),  # the 16th is Independence Day
    ],
)
def test_the_clock_runs_over_working_days(found: datetime, by: datetime) -> None:
    assert notify_by(found, LAW, ALMATY) == by


def test_of_two_terms_the_shorter_counts() -> None:
    assert notify_by(at(27, 17), Term(3, 2), ALMATY) == at(30, 0)


def test_no_policy_lengthens_the_laws_day() -> None:
    rules = strictest([find("kezekshi").bound()], floor())
    assert notice_term(rules) == Term(working_days=1)
    assert notice_term({}) == Term(working_days=1)


def test_an_open_breach_is_told_and_an_overdue_one_loudly() -> None:
    one = breach(at(25, 9))
    assert pressing([], at(25, 10), LAW, ALMATY) is None
    told = pressing([one], at(25, 10), LAW, ALMATY)
    assert told == "1 breach open: tell the authorised body by 26.11.2026 23:59"
    late = pressing([one], at(27, 0), LAW, ALMATY)
    assert late is not None
    assert "1 OVERDUE" in late
    closed = breach(at(25, 9), told_at=at(25, 11), closed_at=at(25, 12))
    assert pressing([closed], at(30, 0), LAW, ALMATY) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("what", " "), ("data", frozenset()), ("found_at", datetime(2026, 1, 1)), ("told_at", at(1, 1))],
)
def test_a_breach_that_is_not_complete_names_the_field(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        breach(at(25, 9), **{field: value})


def test_a_breach_is_not_found_in_the_future() -> None:
    with pytest.raises(ValueError, match="found_at"):
        breach(at(25, 9), opened_at=at(25, 8))
    assert breach(datetime(2026, 1, 1, tzinfo=UTC)).concerned == 1
