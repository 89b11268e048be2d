"""Terms can only get shorter, and a clock that ran away never erases a school."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from edge.domain.events import Uptime
from edge.domain.ids import ChildId
from edge.domain.retention import Due, Reason
from edge.policy.library import find, floor
from edge.policy.retention import (
    ClockMark,
    RetentionSettings,
    clock_doubts,
    jumped,
    share_doubts,
    terms,
)
from edge.policy.strictest import strictest

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
BOOT, OTHER = UUID(int=1), UUID(int=2)
YESTERDAY = ClockMark(NOW - timedelta(days=1), Uptime(BOOT, 1000.0))


def doubts(now: datetime, uptime: Uptime, *, synchronised: bool = True) -> list[str]:
    return clock_doubts(now, uptime, YESTERDAY, None, synchronised=synchronised)


def children(count: int) -> list[ChildId]:
    return [ChildId(f"{number:032x}") for number in range(count)]


def due(templates: int, left: int, of: int) -> Due:
    each = {child: {"t": Reason.CONSENT_ENDED} for child in children(templates)}
    return Due(frozenset(children(left)), each, {}, of, of)


def test_the_policies_in_force_and_the_product_limit_every_term() -> None:
    rules = strictest([find("kezekshi").bound()], floor())
    found = terms(rules, RetentionSettings())
    assert (found.consent.days, found.unused.days, found.source) == (366, 366, "product rule 3")
    assert terms(rules, RetentionSettings(unused_days=90)).unused.days == 90


@pytest.mark.parametrize(
    "longer",
    [{"unused_days": 367}, {"records_days": 1097}, {"credentials_days": 367}, {"share_percent": 26}],
)
def test_a_school_cannot_lengthen_a_term(longer: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        RetentionSettings(**longer)


def test_a_clock_that_went_on_as_the_device_did_is_believed() -> None:
    assert doubts(NOW, Uptime(BOOT, 1000.0 + 86_400)) == []
    assert doubts(NOW, Uptime(OTHER, 60.0)) == []


@pytest.mark.parametrize(
    ("now", "uptime", "synchronised", "told"),
    [
        (NOW, Uptime(BOOT, 87_400.0), False, "no time service"),
        (NOW + timedelta(days=365), Uptime(OTHER, 60.0), True, "more than 31 days"),
        (NOW + timedelta(days=5), Uptime(BOOT, 87_400.0), True, "somebody set the clock"),
        (NOW - timedelta(days=3), Uptime(OTHER, 60.0), True, "behind"),
    ],
)
def test_a_clock_that_is_wrong_is_doubted(
    now: datetime, uptime: Uptime, synchronised: bool, told: str
) -> None:
    (doubt,) = doubts(now, uptime, synchronised=synchronised)
    assert told in doubt


def test_a_first_run_is_measured_by_what_the_vault_remembers() -> None:
    remembered = NOW - timedelta(days=200)
    assert clock_doubts(NOW, Uptime(BOOT, 1.0), None, remembered, synchronised=True)
    assert not clock_doubts(NOW, Uptime(BOOT, 1.0), None, NOW - timedelta(days=2), synchronised=True)
    assert not jumped(NOW, None)


@pytest.mark.parametrize(
    ("templates", "left", "of", "stops"),
    [(3, 3, 3, 0), (10, 10, 100, 0), (11, 0, 100, 1), (0, 11, 100, 1), (100, 100, 100, 2)],
)
def test_more_than_a_tenth_of_the_children_is_asked_about(
    templates: int, left: int, of: int, stops: int
) -> None:
    assert len(share_doubts(due(templates, left, of), 10)) == stops
