"""Somebody clears a folder or restores a backup while the hub runs: no event is confirmed into nowhere."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.domain.events import AttendanceEvent
from sync.broker import Broker
from sync.outbox import Outbox
from tests.sync.parts import Process, School, eventually, pass_through, running

EVENTS = "SELECT count(*) FROM event"


@pytest.fixture
def outbox(school: School) -> Iterator[Outbox]:
    with Outbox(school.outbox) as opened:
        yield opened


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("hub.db*"))


def moved(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for each in files(source):
        each.rename(target / each.name)


def passed(school: School, outbox: Outbox, hub: Process) -> AttendanceEvent:
    """The hub has one event."""
    hub.wait_for("online")
    event = pass_through(outbox)
    eventually(lambda: outbox.backlog().count == 0, "the first is confirmed")
    assert school.count(EVENTS) == 1
    return event


def waiting(outbox: Outbox, hub: Process, words: str, number: int = 5) -> None:
    """As many more wait at the gate, and the hub says why."""
    before = outbox.backlog().count
    for _ in range(number):
        pass_through(outbox)
    hub.wait_for(words)
    assert outbox.backlog().count == before + number


def all_come(school: School, outbox: Outbox, number: int) -> None:
    eventually(lambda: outbox.backlog().count == 0, "all are confirmed")
    assert school.count(EVENTS) == number
    assert school.count("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1


def test_nothing_is_confirmed_after_the_database_was_removed(
    school: School, outbox: Outbox, mosquitto: Broker
) -> None:
    hub = school.hub_process()
    with running(hub, school.publisher()):
        passed(school, outbox, hub)
        for each in files(school.folder):
            each.unlink()
        waiting(outbox, hub, "hub.db is gone; nothing is confirmed")
        assert files(school.folder) == [], "a running hub makes no new one"
        hub.stop()
        hub.start()
        all_come(school, outbox, 5)


def test_a_database_that_was_moved_away_and_comes_back_is_used_again_by_itself(
    school: School, outbox: Outbox, mosquitto: Broker
) -> None:
    hub = school.hub_process()
    with running(hub, school.publisher()):
        passed(school, outbox, hub)
        moved(school.folder, school.folder / "away")
        waiting(outbox, hub, "hub.db is gone")
        moved(school.folder / "away", school.folder)
        all_come(school, outbox, 6)


def test_a_restored_backup_is_used_by_itself_and_what_it_never_had_is_named_as_missing(
    school: School, outbox: Outbox, mosquitto: Broker
) -> None:
    """Gates have deleted what was confirmed after the backup: that cannot be cured, only said."""
    hub, backup = school.hub_process(), school.folder / "backup.db"
    with running(hub, school.publisher()):
        passed(school, outbox, hub)
        with closing(sqlite3.connect(school.database)) as connection:
            connection.execute("VACUUM INTO ?", [str(backup)])
        pass_through(outbox)
        eventually(lambda: outbox.backlog().count == 0, "confirmed, and not in the backup")
        for each in files(school.folder):
            each.unlink()
        hub.wait_for("is gone")
        backup.rename(school.folder / "hub.db")
        pass_through(outbox)
        all_come(school, outbox, 2)
    assert school.count("SELECT first FROM gap WHERE first = last") == 2


def test_the_log_of_the_old_file_is_not_played_into_a_restored_one(
    school: School, outbox: Outbox, mosquitto: Broker
) -> None:
    """SQLite would: the -wal belongs to whatever is called hub.db."""
    hub, backup = school.hub_process(), school.folder / "backup.db"
    with running(hub, school.publisher()):
        passed(school, outbox, hub)
        with closing(sqlite3.connect(school.database)) as connection:
            connection.execute("VACUUM INTO ?", [str(backup)])
        (school.folder / "hub.db").unlink()
        hub.wait_for("is gone")
        backup.rename(school.folder / "hub.db")
        waiting(outbox, hub, "beside it lies the old one's hub.db-wal")
        (school.folder / "hub.db-shm").unlink()
        (school.folder / "hub.db-wal").unlink()
        all_come(school, outbox, 6)


def test_an_empty_database_that_a_command_made_meanwhile_does_not_take_the_place_of_the_true_one(
    school: School, outbox: Outbox, mosquitto: Broker
) -> None:
    hub = school.hub_process()
    with running(hub, school.publisher()):
        passed(school, outbox, hub)
        moved(school.folder, school.folder / "away")
        other = school.hub_process("attendance")
        other.start()
        assert other.end() == 0
        waiting(outbox, hub, "is another one, empty")
        moved(school.folder, school.folder / "made by mistake")
        moved(school.folder / "away", school.folder)
        all_come(school, outbox, 6)


def test_a_publisher_waits_for_its_outbox_to_come_back(
    school: School, outbox: Outbox, mosquitto: Broker
) -> None:
    publisher, hub = school.publisher(), school.hub_process()
    with running(hub, publisher):
        passed(school, outbox, hub)
        away = school.outbox.rename(school.folder / "away.db")
        publisher.wait_for("outbox.db was removed or replaced")
        away.rename(school.outbox)
        pass_through(outbox)
        all_come(school, outbox, 2)
