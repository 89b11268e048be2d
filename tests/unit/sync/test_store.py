"""The hub stores each event once, owes each guardian one notice, and shows staff the right day."""

from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from edge.domain.events import Direction, Kind
from edge.errors import SyncRetryable
from sync.hub.attendance import inside, sightings
from sync.hub.database import Database
from sync.hub.directory import Directory, Entry
from sync.hub.notices import NoticeQueue
from sync.hub.schema import outbox
from sync.hub.store import Store, counts
from tests.builders import child_id
from tests.unit.sync.conftest import MOTHER
from tests.unit.sync.events import CHILD, WHEN, event, rows

ALMATY = ZoneInfo("Asia/Almaty")


def test_an_event_that_comes_twice_is_one_event_and_one_notice_for_each_guardian(database: Database) -> None:
    store, passed, other = Store(database), event(Kind.PASSED), event(Kind.PASSED)
    assert store.record(rows(passed, passed), WHEN) == 1
    assert store.record(rows(passed, other), WHEN) == 1
    found = counts(database)
    assert (found.events, found.notices_waiting) == (2, 4)
    with database.read() as connection:
        assert connection.execute(select(outbox.c.repeated)).scalar_one() == 2


@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.GRANTED_NOT_PASSED, Kind.ALARM])
def test_parents_are_told_of_passages_only(database: Database, kind: Kind) -> None:
    Store(database).record(rows(event(kind)), WHEN)
    assert counts(database).notices_waiting == 0


def test_a_child_without_guardians_in_the_directory_troubles_nobody(database: Database) -> None:
    assert Store(database).record(rows(event(Kind.PASSED, child=child_id(99))), WHEN) == 1
    assert counts(database).notices_waiting == 0


def test_staff_are_listed_inside_by_name_and_nobody_is_told(database: Database) -> None:
    teacher = Entry(child_id(7), "Марат", "", "", "")
    done = Directory(database).replace([MOTHER, teacher])
    assert (done.people, done.untold, done.guardians) == (2, 1, 1)
    Store(database).record(rows(event(Kind.PASSED, child=teacher.child)), WHEN)
    assert counts(database).notices_waiting == 0
    (seen,) = inside(sightings(database, date(2026, 9, 1), ALMATY))
    assert seen.display_name == "Марат"


def test_a_delivered_notice_is_not_due_again(database: Database) -> None:
    queue = NoticeQueue(database)
    Store(database).record(rows(event(Kind.PASSED)), WHEN)
    first, second = queue.due(WHEN, 10)
    queue.delivered(first.id, WHEN, late=False)
    assert queue.due(WHEN, 10) == [second]
    assert queue.due(WHEN, 10, busy=[second.id]) == []
    later = WHEN + timedelta(seconds=5)
    assert queue.claim(WHEN, 10, [], lambda notice: later) == [second]
    assert queue.due(WHEN, 10) == []
    assert [each.attempts for each in queue.due(WHEN + timedelta(seconds=5), 10)] == [1]


def test_a_guardian_who_left_the_directory_is_not_told_any_more(database: Database) -> None:
    Store(database).record(rows(event(Kind.PASSED)), WHEN)
    done = Directory(database).replace([MOTHER])
    assert (done.people, done.guardians, done.removed) == (1, 1, 0)
    assert [each.language for each in NoticeQueue(database).due(WHEN, 10)] == ["kk"]


def test_a_child_who_left_school_leaves_no_name_in_the_hub(database: Database) -> None:
    Store(database).record(rows(event(Kind.PASSED)), WHEN)
    assert Directory(database).replace([]).removed == 1
    assert NoticeQueue(database).due(WHEN, 10) == []
    assert [each.display_name for each in sightings(database, date(2026, 9, 1), ALMATY)] == [None]


def test_a_new_phone_number_gets_the_notice_that_is_still_owed(database: Database) -> None:
    Store(database).record(rows(event(Kind.PASSED)), WHEN)
    moved = type(MOTHER)(CHILD, "Айша", "mother", "en", "json://localhost/new")
    Directory(database).replace([moved])
    assert [each.notify_url for each in NoticeQueue(database).due(WHEN, 10)] == ["json://localhost/new"]


def test_a_day_is_the_schools_day_and_not_the_servers(database: Database) -> None:
    evening_utc = datetime(2026, 8, 31, 20, 30, tzinfo=ZoneInfo("UTC"))
    Store(database).record(rows(event(Kind.PASSED, occurred=evening_utc)), WHEN)
    assert sightings(database, date(2026, 8, 31), ALMATY) == []
    (seen,) = sightings(database, date(2026, 9, 1), ALMATY)
    assert (seen.occurred, seen.occurred.hour, seen.display_name) == (evening_utc, 1, "Айша")


def test_in_a_fire_the_list_names_who_is_inside_and_nobody_who_left(database: Database) -> None:
    stays, leaves = child_id(2), child_id(3)
    Store(database).record(
        rows(
            event(Kind.PASSED, WHEN, Direction.IN, stays),
            event(Kind.PASSED, WHEN, Direction.IN, leaves),
            event(Kind.PASSED, WHEN + timedelta(hours=1), Direction.OUT, leaves),
            event(Kind.REFUSED, WHEN + timedelta(hours=2), Direction.OUT, stays),
            event(Kind.GRANTED_NOT_PASSED, WHEN + timedelta(hours=2), Direction.OUT, stays),
            event(Kind.ALARM, WHEN + timedelta(hours=2), Direction.IN, None),
        ),
        WHEN,
    )
    assert [each.child for each in inside(sightings(database, date(2026, 9, 1), ALMATY))] == [stays]


def test_a_damaged_hub_database_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    path.write_bytes(b"garbage" * 1000)
    with pytest.raises(SyncRetryable, match="hub's database"):
        Database(path)


def test_every_commit_is_on_the_disk_and_children_take_their_notices_with_them(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "hub.db")) as database, database.read() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("synchronous", "journal_mode", "foreign_keys", "secure_delete")
        }
    assert pragma == {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "secure_delete": 1}


def test_what_was_written_while_somebody_removed_the_file_does_not_count_as_stored(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "hub.db")) as database:
        with pytest.raises(SyncRetryable, match="removed or replaced"), database.write():
            (tmp_path / "hub.db").unlink()
        with pytest.raises(SyncRetryable, match="is gone"):
            Store(database).record(rows(event(Kind.PASSED)), WHEN)
