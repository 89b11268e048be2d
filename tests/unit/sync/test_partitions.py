"""Months of events can be archived, and no month makes room for an event that is there already."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import text

from edge.domain.events import Kind, Uptime
from edge.domain.ids import uuid7
from sync.hub import partitions
from sync.hub.database import Database
from sync.hub.migrate import upgrade
from sync.hub.store import Store
from tests.unit.sync.events import WHEN, event, rows
from tests.unit.sync.test_gate_clock import BOOT

JANUARY = datetime(2031, 1, 1, tzinfo=UTC)
"""The worker has made January by then."""


def held_by(database: Database) -> list[tuple[UUID, str]]:
    query = "SELECT id, tableoid::regclass::text FROM event ORDER BY occurred, id"
    with database.read() as connection:
        return [(id_, name) for id_, name in connection.execute(text(query))]


def opened(target: Path | str) -> Database:
    upgrade(target)
    database = Database(target)
    Store(database).prepare(JANUARY - timedelta(days=40))
    return database


def test_an_event_goes_into_the_month_in_its_id(postgres_target: str) -> None:
    last = event(Kind.REFUSED, JANUARY - timedelta(milliseconds=1))
    first = event(Kind.REFUSED, JANUARY)
    last = replace(last, id=uuid7(last.occurred.timestamp()))
    first = replace(first, id=uuid7(first.occurred.timestamp()))
    with closing(opened(postgres_target)) as database:
        Store(database).record(rows(last, first), JANUARY)
        assert held_by(database) == [(last.id, "event_2030_12"), (first.id, "event_2031_01")]


def test_an_event_whose_time_is_corrected_over_the_end_of_a_month_stays_one_event(
    postgres_target: str,
) -> None:
    """It comes before the gate knows the time, again afterwards, and once more when the month is over."""
    early = event(
        Kind.PASSED, JANUARY - timedelta(days=20), clock_synchronised=False, uptime=Uptime(BOOT, 10)
    )
    early = replace(early, id=uuid7(early.occurred.timestamp()))
    certain = event(Kind.PASSED, JANUARY + timedelta(hours=1), uptime=Uptime(BOOT, 20))
    certain = replace(certain, id=uuid7(certain.occurred.timestamp()))
    corrected = replace(early, occurred=JANUARY + timedelta(hours=1), clock_synchronised=True)
    with closing(opened(postgres_target)) as database:
        store = Store(database)
        assert [store.record(rows(each), JANUARY) for each in (early, certain, corrected, early)] == [
            1,
            1,
            0,
            0,
        ]
        held = held_by(database)
    assert held == [(early.id, "event_2030_12"), (certain.id, "event_2031_01")]


def test_a_gate_with_a_clock_of_another_year_or_strange_ids_is_heard(postgres_target: str) -> None:
    old = replace(event(Kind.REFUSED), id=uuid7(0.0))
    strange = replace(event(Kind.REFUSED, WHEN + timedelta(seconds=1)), id=uuid4())
    with closing(opened(postgres_target)) as database:
        assert Store(database).record(rows(old, strange), WHEN) == 2
        assert held_by(database)[0] == (old.id, partitions.OTHER)


def test_a_month_that_began_without_its_partition_goes_on_without_it(postgres_target: str) -> None:
    """The worker was off for long: it neither fails nor loses what came meanwhile."""
    far = datetime(2035, 5, 10, tzinfo=UTC)
    early, late = (replace(event(Kind.REFUSED, far), id=uuid7(far.timestamp() + n)) for n in (0, 1))
    with closing(opened(postgres_target)) as database:
        store = Store(database)
        store.record(rows(early), far)
        store.prepare(far)
        assert store.record(rows(early, late), far) == 1
        assert {name for _, name in held_by(database)} == {partitions.OTHER}
        with database.read() as connection:
            assert connection.execute(text("SELECT to_regclass('event_2035_06')")).scalar() is not None


def test_months_follow_each_other_without_a_hole() -> None:
    found = partitions.months(date(2026, 11, 30), 2, 3)
    assert found == [
        date(2026, 9, 1),
        date(2026, 10, 1),
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
        date(2027, 2, 1),
    ]
    assert partitions.first_id(found[0]) < uuid7(datetime(2026, 9, 1, tzinfo=UTC).timestamp())
    assert uuid7(datetime(2026, 8, 31, 23, 59, 59, tzinfo=UTC).timestamp()) < partitions.first_id(found[0])
