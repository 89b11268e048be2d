"""The hub forgets events after their term, and never a whole school by a wrong clock."""

from datetime import timedelta

import pytest

from edge.domain.events import Kind
from edge.errors import QaqpaError
from sync.hub.database import Database
from sync.hub.quarantine import Quarantine, Refused
from sync.hub.retention import Retention
from sync.hub.settings import RetentionSettings
from sync.hub.store import Store, counts
from sync.wire import Problem
from tests.unit.sync.events import WHEN, event, rows

DAY = timedelta(days=1)


@pytest.fixture
def kept(database: Database) -> Retention:
    return Retention(database, RetentionSettings(), lambda: True)


def fill(database: Database, old: int, new: int) -> None:
    store = Store(database)
    passages = [event(Kind.PASSED) for _ in range(old + new)]
    store.record(rows(*passages[:old]), WHEN)
    store.record(rows(*passages[old:], first=old + 1), WHEN + 300 * DAY)


def test_events_go_with_their_notices_after_a_year(database: Database, kept: Retention) -> None:
    fill(database, 2, 3)
    Quarantine(database).put([Refused("t", Problem.FORM, "what", b"?")], WHEN)
    assert kept.plan(WHEN + 29 * DAY).events == kept.plan(WHEN + 29 * DAY).quarantined == 0
    done = kept.run(WHEN + 366 * DAY, confirmed=False)
    assert (done.events, done.notices, done.quarantined) == (2, 4, 1)
    left = counts(database)
    assert (left.events, left.notices_waiting, left.quarantined) == (3, 6, 0)
    assert kept.run(WHEN + 366 * DAY, confirmed=False).events == 0


def test_a_gate_with_a_wrong_clock_loses_nothing_early(database: Database, kept: Retention) -> None:
    Store(database).record(rows(event(Kind.PASSED, occurred=WHEN - 9000 * DAY)), WHEN)
    assert kept.plan(WHEN + DAY).events == 0


def test_a_hubs_clock_a_year_ahead_erases_nothing_until_a_person_says_so(
    database: Database, kept: Retention
) -> None:
    fill(database, 101, 1)
    with pytest.raises(QaqpaError, match="101 of 102 events"):
        kept.run(WHEN + 400 * DAY, confirmed=False)
    assert counts(database).events == 102
    kept.run(WHEN + 400 * DAY, confirmed=True)
    assert counts(database).events == 1


def test_a_clock_that_nobody_set_erases_nothing(database: Database) -> None:
    fill(database, 1, 1)
    unset = Retention(database, RetentionSettings(), lambda: False)
    with pytest.raises(QaqpaError, match="no time service"):
        unset.run(WHEN + 400 * DAY, confirmed=False)
    assert counts(database).events == 2
