"""The outbox loses nothing, sends nothing too early and says what is wrong with its disk."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest

from edge.domain.events import Kind, Moment, Uptime
from edge.errors import OutboxError
from sync.outbox import _PUBLISH_ALL, Outbox
from tests.unit.sync.events import WHEN, event

LATER = WHEN + timedelta(seconds=3)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox.db") as opened:
        yield opened


def test_a_parent_is_not_told_before_the_child_has_passed(outbox: Outbox) -> None:
    grant = event()
    outbox.grant(grant)
    assert outbox.pending(10) == []
    outbox.settle(grant.id, Kind.PASSED, Moment(LATER, True))
    assert [row.event for row in outbox.pending(10)] == [replace(grant, kind=Kind.PASSED, occurred=LATER)]


def test_a_child_who_turned_back_is_not_reported_as_inside(outbox: Outbox) -> None:
    grant = event()
    outbox.grant(grant)
    outbox.settle(grant.id, Kind.GRANTED_NOT_PASSED, Moment(LATER, True))
    assert [row.event.kind for row in outbox.pending(10)] == [Kind.GRANTED_NOT_PASSED]


def test_a_passage_cannot_be_settled_twice(outbox: Outbox) -> None:
    grant = event()
    outbox.grant(grant)
    outbox.settle(grant.id, Kind.PASSED, Moment(LATER, True))
    with pytest.raises(OutboxError, match="settled already"):
        outbox.settle(grant.id, Kind.GRANTED_NOT_PASSED, Moment(LATER, True))
    assert len(outbox.pending(10)) == 1


def test_a_grant_cannot_end_as_something_else(outbox: Outbox) -> None:
    grant = event()
    outbox.grant(grant)
    with pytest.raises(ValueError, match="alarm"):
        outbox.settle(grant.id, Kind.ALARM, Moment(LATER, True))
    with pytest.raises(ValueError, match="not been passed"):
        outbox.grant(event(Kind.PASSED))
    with pytest.raises(ValueError, match="without a grant"):
        outbox.append(event(Kind.PASSED))


def test_an_event_with_a_used_id_is_refused_and_the_first_stays(outbox: Outbox) -> None:
    alarm = event(Kind.ALARM)
    outbox.append(alarm)
    with pytest.raises(OutboxError, match="id already"):
        outbox.append(replace(alarm, kind=Kind.REFUSED))
    assert [row.event for row in outbox.pending(10)] == [alarm]


def test_the_hub_cannot_make_an_unsettled_grant_disappear(outbox: Outbox) -> None:
    grant = event()
    outbox.grant(grant)
    assert outbox.confirm([grant.id]) == 0
    outbox.settle(grant.id, Kind.PASSED, Moment(LATER, True))
    assert outbox.confirm([grant.id, event().id]) == 1
    assert outbox.backlog().count == 0


def test_a_slow_passage_is_not_overtaken_for_ever_by_a_later_refusal(outbox: Outbox) -> None:
    grant = event()
    outbox.grant(grant)
    outbox.append(event(Kind.REFUSED))
    sent = outbox.pending(10)[-1].number
    outbox.settle(grant.id, Kind.PASSED, Moment(LATER, True))
    assert [row.event.id for row in outbox.pending(10, after=sent)] == [grant.id]


def test_row_numbers_never_come_back(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as outbox:
        first = event(Kind.REFUSED)
        outbox.append(first)
        number = outbox.pending(1)[0].number
        outbox.confirm([first.id])
    with Outbox(tmp_path / "outbox.db") as outbox:
        outbox.append(event(Kind.REFUSED))
        assert outbox.pending(1)[0].number == number + 1


def test_what_fails_uses_up_no_number_so_that_the_hub_sees_no_gap_where_nothing_is_missing(
    outbox: Outbox,
) -> None:
    first, grant = event(Kind.REFUSED), event()
    outbox.append(first)
    outbox.grant(grant)
    with pytest.raises(OutboxError):
        outbox.append(first)
    with pytest.raises(RuntimeError), outbox._write() as connection:
        connection.execute(_PUBLISH_ALL)
        raise RuntimeError("the power fails before the commit")
    outbox.settle_leftovers()
    assert [row.number for row in outbox.pending(10)] == [1, 2]


def test_an_outbox_keeps_its_id_and_another_file_has_another(tmp_path: Path) -> None:
    with Outbox(tmp_path / "outbox.db") as first, Outbox(tmp_path / "other.db") as other:
        first.append(event(Kind.REFUSED))
        assert first.id != other.id
        with Outbox(tmp_path / "outbox.db") as again:
            assert [row.outbox for row in again.pending(1)] == [first.id]


def test_the_uptime_of_the_passage_is_kept_and_not_that_of_the_grant(outbox: Outbox) -> None:
    boot = uuid4()
    grant = event(uptime=Uptime(boot, 100.25))
    outbox.grant(grant)
    settled = outbox.settle(grant.id, Kind.PASSED, Moment(LATER, False, Uptime(boot, 103.5)))
    assert [row.event for row in outbox.pending(10)] == [settled]
    assert (settled.uptime, settled.clock_synchronised) == (Uptime(boot, 103.5), False)


OLD_FIELDS = """
    id TEXT NOT NULL UNIQUE, school TEXT NOT NULL, gate TEXT NOT NULL, child TEXT CHECK (length(child) = 32),
    direction TEXT NOT NULL, occurred TEXT NOT NULL, clock_synchronised INTEGER NOT NULL,
    method TEXT NOT NULL, kind TEXT NOT NULL
"""


def test_an_outbox_of_the_version_before_opens_with_what_waited_in_it(tmp_path: Path) -> None:
    """A gate that was updated on a weekend still sends Friday's passages, in order, numbered from 1."""
    path = tmp_path / "outbox.db"
    values = ["school-7", "main", "a" * 32, "in", "2026-09-01T03:02:00.000000+00:00", 1, "face"]
    with closing(sqlite3.connect(path)) as old:
        old.execute(f"CREATE TABLE held (place INTEGER PRIMARY KEY, {OLD_FIELDS}) STRICT")
        old.execute(f"CREATE TABLE event (number INTEGER PRIMARY KEY AUTOINCREMENT, {OLD_FIELDS}) STRICT")
        old.execute("CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT)")
        old.execute("INSERT INTO _sqlite_migrations VALUES ('qaqpa.outbox', 'tables', '2026')")
        marks = ", ".join("?" * 10)
        for number, id_ in ((1041, uuid4()), (1042, uuid4()), (1050, uuid4())):
            old.execute(f"INSERT INTO event VALUES ({marks})", [number, str(id_), *values, "passed"])
        old.execute(f"INSERT INTO held VALUES ({marks})", [1, str(uuid4()), *values, "granted_not_passed"])
        waited = [row[0] for row in old.execute("SELECT id FROM event ORDER BY number")]
        old.commit()
    with Outbox(path) as outbox:
        assert [(row.number, str(row.event.id)) for row in outbox.pending(10)] == [*enumerate(waited, 1)]
        assert outbox.settle_leftovers() == 1
        outbox.append(event(Kind.REFUSED))
        assert [row.number for row in outbox.pending(10)] == [1, 2, 3, 4, 5]
        assert {row.event.uptime for row in outbox.pending(10)} == {None}


def test_pending_gives_rows_in_order_and_no_more_than_asked(outbox: Outbox) -> None:
    events = [event(Kind.REFUSED) for _ in range(5)]
    for each in events:
        outbox.append(each)
    assert [row.event for row in outbox.pending(3)] == events[:3]
    assert [row.event for row in outbox.pending(3, outbox.pending(3)[-1].number)] == events[3:]


def test_more_confirmations_than_sqlite_takes_at_once_all_count(outbox: Outbox) -> None:
    events = [event(Kind.REFUSED) for _ in range(3)]
    for each in events:
        outbox.append(each)
    assert outbox.confirm([event().id for _ in range(1200)] + [each.id for each in events]) == 3


def test_the_backlog_names_the_first_event_whatever_the_clock_said_since(outbox: Outbox) -> None:
    assert outbox.backlog().oldest is None
    outbox.append(event(Kind.REFUSED, occurred=LATER))
    outbox.append(event(Kind.REFUSED, occurred=WHEN))
    assert (outbox.backlog().count, outbox.backlog().oldest) == (2, LATER)


def test_a_publisher_notices_what_the_gate_appends(outbox: Outbox) -> None:
    with Outbox(outbox.path) as publisher:
        assert not publisher.changed()
        outbox.append(event(Kind.REFUSED))
        assert publisher.changed()
        assert not publisher.changed()


def test_gate_and_publisher_can_write_at_the_same_time(outbox: Outbox) -> None:
    count = 60

    def appends() -> None:
        with Outbox(outbox.path) as gate:
            for _ in range(count):
                gate.append(event(Kind.REFUSED))

    writer = Thread(target=appends)
    writer.start()
    confirmed = 0
    while confirmed < count:
        confirmed += outbox.confirm([row.event.id for row in outbox.pending(7)])
    writer.join()
    assert outbox.backlog().count == 0


CRASH = """
import os, signal, sys
from pathlib import Path
from sync.outbox import Outbox
from tests.unit.sync.events import event
outbox = Outbox(Path(sys.argv[1]))
outbox.grant(event())
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_grant_survives_a_gate_that_dies_before_the_passage(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    died = subprocess.run([sys.executable, "-c", CRASH, str(path)], check=False)
    assert died.returncode == -signal.SIGKILL
    with Outbox(path) as outbox:
        assert outbox.pending(10) == []
        assert outbox.settle_leftovers() == 1
        assert outbox.settle_leftovers() == 0
        rows = outbox.pending(10)
    assert [(row.event.kind, row.event.occurred) for row in rows] == [(Kind.GRANTED_NOT_PASSED, WHEN)]


FULL_DISK = """
import resource, sys
from pathlib import Path
from edge.domain.events import Kind, Moment, Uptime
from edge.errors import OutboxError
from sync.outbox import Outbox
from tests.unit.sync.events import event
outbox = Outbox(Path(sys.argv[1]))
outbox.append(event(Kind.REFUSED))
limit = Path(sys.argv[1] + "-wal").stat().st_size + 30_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
grants = []
try:
    while True:
        grant = event()
        outbox.grant(grant)
        grants.append(grant)
except OutboxError as error:
    assert "Free space" in error.remedy and error.retryable, error
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
outbox.grant(grant)
outbox.settle(grant.id, Kind.PASSED, Moment(grant.occurred, True))
assert outbox.settle_leftovers() == len(grants) > 0, "half-written"
assert len(outbox.pending(1000)) == len(grants) + 2
outbox.close()
"""


def test_a_full_disk_refuses_the_grant_cleanly_and_works_again_when_space_returns(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "outbox.db")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_file_that_is_no_database_is_named_as_damaged(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(OutboxError, match=r"damaged.*move it away"):
        Outbox(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutboxError, match="cannot be opened"):
        Outbox(tmp_path / "nowhere" / "outbox.db")


def test_a_file_held_by_another_process_is_a_clear_error_and_not_a_hang(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.outbox._BUSY_SECONDS", 0.1)
    with Outbox(outbox.path) as hurried, closing(sqlite3.connect(outbox.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutboxError, match="held by another process"):
            hurried.append(event(Kind.ALARM))
        other.rollback()
        hurried.append(event(Kind.ALARM))
        assert outbox.backlog().count == 1


def test_two_processes_may_create_the_file_at_the_same_moment(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    failures: list[BaseException] = []

    def opens() -> None:
        try:
            Outbox(path).close()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [Thread(target=opens) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_every_write_is_on_the_disk_when_it_returns(outbox: Outbox) -> None:
    assert outbox._db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert outbox._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_closed_outbox_says_so(outbox: Outbox) -> None:
    outbox.close()
    with pytest.raises(OutboxError, match="closed"):
        outbox.append(event(Kind.ALARM))


def test_no_grant_is_written_into_an_outbox_that_was_removed(outbox: Outbox) -> None:
    """The gate stays shut, instead of letting in whom nobody will ever hear of."""
    alarm, folder = event(Kind.ALARM), outbox.path.parent
    outbox.append(alarm)
    _move(folder, folder / "away")
    for use in (
        lambda: outbox.grant(event()),
        lambda: outbox.append(event(Kind.ALARM)),
        lambda: outbox.confirm([alarm.id]),
        lambda: outbox.pending(10),
        outbox.changed,
    ):
        with pytest.raises(OutboxError, match="removed or replaced"):
            use()
    with Outbox(outbox.path) as another, pytest.raises(OutboxError, match="removed or replaced"):
        assert another.pending(10) == []
        outbox.grant(event())
    _move(folder / "away", folder)
    outbox.grant(event())
    assert [row.event for row in outbox.pending(10)] == [alarm]


def _move(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for each in source.glob("outbox.db*"):
        each.rename(target / each.name)
