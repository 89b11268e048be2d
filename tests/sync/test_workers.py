"""Several processes of one hub over one PostgreSQL: what dies or fills up loses and doubles nothing."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from edge.domain.events import Kind
from sync.broker import Broker
from sync.hub.database import Database
from sync.hub.store import Store
from sync.outbox import Outbox
from tests.postgres import Cluster
from tests.sync.parts import Phone, Process, School, eventually, granted, pass_through, row, running

CHILDREN = 240
WORKERS = 3
REFUSALS = 1500
EVENTS = "SELECT count(*) FROM event"
DIFFERENT = "SELECT count(DISTINCT (outbox, number)) FROM event"
NOTICES = "SELECT count(*) FROM notice"
TOLD = "SELECT count(*) FROM notice WHERE state = 'delivered'"


def workers(town: School, role: str = "ingest", count: int = WORKERS) -> list[Process]:
    made = [town.hub_process(role) for _ in range(count)]
    for number, each in enumerate(made):
        each.said = town.folder / f"{role}-{number}.log"
    return made


def test_no_event_is_lost_doubled_or_owed_twice_when_workers_are_killed_in_the_middle(
    town: School, mosquitto: Broker, phone: Phone
) -> None:
    town.register(phone.url)
    ingest = workers(town)
    with Outbox(town.outbox) as outbox, running(*ingest, town.publisher()):
        ingest[-1].wait_for("online")
        for number in range(CHILDREN):
            pass_through(outbox)
            if number % 40 == 20:
                eventually(lambda: town.count(EVENTS) > 0, "some arrive")
                victim = ingest[number // 40 % WORKERS]
                victim.kill()
                victim.start()
        eventually(lambda: outbox.backlog().count == 0, "the hub confirms all")
    assert (town.count(EVENTS), town.count(DIFFERENT)) == (CHILDREN, CHILDREN)
    assert town.count(NOTICES) == CHILDREN
    assert town.count("SELECT count(*) FROM gap") == 0


def test_workers_share_the_messages_and_do_not_each_take_all(
    town: School, mosquitto: Broker, phone: Phone
) -> None:
    ingest = workers(town, count=2)
    with Outbox(town.outbox) as outbox, running(*ingest):
        for each in ingest:
            each.wait_for("online")
        with running(town.publisher()):
            for _ in range(20):
                pass_through(outbox)
            eventually(lambda: outbox.backlog().count == 0, "the hub confirms all")
        for each in ingest:
            assert '"event": "stored"' in each.text, "one worker got nothing"
            assert each.stop() == 0


def test_two_notifiers_never_tell_a_parent_twice(town: School, phone: Phone) -> None:
    town.register(phone.url)
    now = datetime.now(UTC)
    passages = [row(replace(granted(), kind=Kind.PASSED), number + 1) for number in range(CHILDREN)]
    with closing(Database(town.database)) as database:
        Store(database).record(passages, now)
    with running(*workers(town, "notify", 2)):
        eventually(lambda: town.count(TOLD) == CHILDREN, "all are told")
        both = [each.said.read_text("utf-8").count("notice delivered") for each in workers(town, "notify", 2)]
    assert len(phone.messages) == CHILDREN
    assert min(both) > 0, "only one of them worked"


def test_a_gate_keeps_its_events_while_postgresql_is_away_and_the_workers_wait(
    town: School, mosquitto: Broker, postgres: Cluster, phone: Phone
) -> None:
    town.register(phone.url)
    ingest = workers(town)
    with Outbox(town.outbox) as outbox, running(*ingest, town.publisher()):
        pass_through(outbox)
        eventually(lambda: outbox.backlog().count == 0, "the hub confirms")
        postgres.kill()
        try:
            for _ in range(20):
                pass_through(outbox)
            for each in ingest:
                eventually(lambda each=each: "offline" in each.text, "each worker waits")  # type: ignore[misc]
            assert outbox.backlog().count == 20, "confirmed although nothing is stored"
        finally:
            postgres.start()
        eventually(lambda: outbox.backlog().count == 0, "the hub confirms all")
        for each in ingest:
            assert "Traceback" not in each.text
            assert each.stop() == 0
    assert (town.count(EVENTS), town.count(NOTICES)) == (21, 21)


def test_a_hub_that_starts_before_its_database_waits_for_it(
    town: School, mosquitto: Broker, postgres: Cluster
) -> None:
    postgres.stop()
    hub = town.hub_process()
    try:
        hub.start()
        hub.wait_for("offline", times=2)
    finally:
        postgres.start()
    with running(town.publisher()):
        hub.wait_for("online")
        assert hub.stop() == 0
    assert "not-a-secret" not in hub.text


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 24 megabytes."""
    made = Path(tempfile.mkdtemp(prefix="qaqpa-small-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", made], check=False)
    if mounted.returncode:
        made.rmdir()
        pytest.skip("mounting a small file system needs root")
    yield made
    subprocess.run(["umount", made], check=True)
    made.rmdir()


@contextmanager
def moved(postgres: Cluster, name: str, folder: Path) -> Iterator[None]:
    """The tables of a database lie in this folder."""
    tables = folder / "tables"
    tables.mkdir()
    postgres.give(folder, tables)
    with postgres.connect() as server:
        server.execute(f"CREATE TABLESPACE small LOCATION '{tables}'".encode())
        server.execute(f"ALTER DATABASE {name} SET TABLESPACE small".encode())
        yield
        server.execute(f"ALTER DATABASE {name} SET TABLESPACE pg_default".encode())
        server.execute(b"DROP TABLESPACE small")


def test_a_gate_keeps_its_events_while_the_disk_of_the_tables_is_full(
    town: School, mosquitto: Broker, postgres: Cluster, small_disk: Path
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(str(town.postgresql))["dbname"]
    (worker,) = workers(town, count=1)
    filler = small_disk / "filler"
    with moved(postgres, str(name), small_disk):
        with Outbox(town.outbox) as outbox, running(worker, town.publisher()):
            pass_through(outbox)
            eventually(lambda: outbox.backlog().count == 0, "the hub confirms")
            free = os.statvfs(small_disk)
            filler.write_bytes(bytes(free.f_bavail * free.f_frsize))
            for _ in range(REFUSALS):
                outbox.append(replace(granted(), kind=Kind.REFUSED))
            worker.wait_for("No space left on device", times=2)
            stored = town.count(EVENTS)
            assert stored + outbox.backlog().count > REFUSALS, "confirmed although it is not stored"
            filler.unlink()
            eventually(lambda: outbox.backlog().count == 0, "the hub confirms all")
            assert worker.stop() == 0
        assert stored < town.count(EVENTS) == REFUSALS + 1
