"""A hub of yesterday becomes one of today without losing a row; nobody works on tables of another version."""

import sqlite3
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hatchling.builders.wheel import WheelBuilder
from sqlalchemy import Connection, Table, column, inspect, select, table, text

from edge.domain.events import Kind, Uptime
from edge.errors import ConfigError
from sync.hub import dialect, migrate, schema
from sync.hub.database import Database
from sync.hub.notices import NoticeQueue
from sync.hub.quarantine import Quarantine, Refused
from sync.hub.schema import METADATA
from sync.hub.sequence import gaps
from sync.hub.store import Store, counts
from sync.wire import Problem
from tests.unit.sync.events import WHEN, event, rows
from tests.unit.sync.test_gate_clock import BOOT

ROOT = Path(__file__).parents[3]
BEFORE = Path(__file__).with_name("hub_before_versions.sql")
"""What a hub made before there were versions, `.dump` of its file: three notices still wait."""


@contextmanager
def connected(target: Path | str) -> Iterator[Connection]:
    with dialect.opened(target) as engine, dialect.for_writing(engine).begin() as connection:
        yield connection


def everything(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All values of the tables and columns that there are; what a later version adds is empty."""
    return {table.name: _rows(connection, table) for table in METADATA.sorted_tables}


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    there = inspect(connection)
    if not there.has_table(table.name):
        return []
    columns = [table.c[each["name"]] for each in there.get_columns(table.name)]
    found = (row._asdict() for row in connection.execute(select(*columns)))
    return sorted(({k: v for k, v in row.items() if v is not None} for row in found), key=repr)


@pytest.fixture
def yesterday(target: Path | str, tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    """The database as it was; returns all its rows."""
    path = target if isinstance(target, Path) else tmp_path / "before.db"
    with closing(sqlite3.connect(path)) as file:
        file.executescript(BEFORE.read_text("utf-8"))
    with connected(path) as connection:
        found = everything(connection)
    if target != path:
        with connected(target) as connection:
            migrate._alembic(connection, "upgrade", "0001")
            for table in METADATA.sorted_tables:
                for row in found[table.name]:
                    connection.execute(table.insert().values(row))
            for name in ("guardian", "notice", "quarantine"):
                last = len(found[name])
                connection.execute(text(f"SELECT setval('{name}_id_seq', {last})"))
    return found


def test_no_row_is_lost_when_a_hub_is_updated(
    target: Path | str, yesterday: dict[str, list[dict[str, Any]]]
) -> None:
    assert migrate.upgrade(target) == "0001"
    assert sum(map(len, yesterday.values())) == 13
    with connected(target) as connection:
        assert _of(everything(connection), yesterday) == yesterday


def _of(
    found: dict[str, list[dict[str, Any]]], before: dict[str, list[dict[str, Any]]]
) -> dict[str, list[dict[str, Any]]]:
    """Without the columns that a later version fills by itself."""
    known = {name: {column for row in rows for column in row} for name, rows in before.items()}
    return {n: [{k: v for k, v in row.items() if k in known[n]} for row in rows] for n, rows in found.items()}


def test_a_message_that_was_put_aside_again_and_again_is_one_after_the_update(
    target: Path | str, yesterday: dict[str, list[dict[str, Any]]]
) -> None:
    (before,) = yesterday["quarantine"]
    again = {**before, "id": 2, "received": before["received"] + timedelta(hours=1)}
    with connected(target) as connection:
        old = table("quarantine", *(column(name, schema.quarantine.c[name].type) for name in again))
        connection.execute(old.insert().values(again))
    migrate.upgrade(target)
    with closing(Database(target)) as database:
        (kept,) = Quarantine(database).kept()
        assert (kept.times, kept.first, kept.last) == (2, before["received"], again["received"])
        Quarantine(database).put([Refused(kept.topic, Problem.FORM, kept.problem, kept.payload)], WHEN)
        assert [each.times for each in Quarantine(database).kept()] == [3]


def test_an_updated_hub_goes_on_where_it_was(
    target: Path | str, yesterday: dict[str, list[dict[str, Any]]]
) -> None:
    """It knows its events, tells the guardian who is still owed, and corrects the time of an old event."""
    migrate.upgrade(target)
    with closing(Database(target)) as database:
        assert counts(database).notices_waiting == 3
        certain = event(Kind.PASSED, uptime=Uptime(BOOT, 30))
        store = Store(database)
        assert store.record(rows(certain, first=6), WHEN) == 1
        assert store.record(rows(certain, first=6), WHEN) == 0
        assert len(gaps(database)) == 1
        assert all(each.time_certain for each in NoticeQueue(database).due(WHEN, 10))
        with database.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM event WHERE corrected")).scalar_one() == 1


def test_a_file_is_updated_by_opening_it_and_a_server_only_by_command(
    target: Path | str, yesterday: dict[str, list[dict[str, Any]]]
) -> None:
    if isinstance(target, Path):
        Database(target).close()
    else:
        with pytest.raises(ConfigError, match=r"tables 0001.*Run: qaqpa-hub db upgrade"):
            Database(target)
        migrate.upgrade(target)
    assert migrate.state(target) == migrate.HEAD


def test_a_server_without_tables_names_the_command(postgres_target: str) -> None:
    with pytest.raises(ConfigError, match=r"no tables.*Run: qaqpa-hub db upgrade"):
        Database(postgres_target)
    assert migrate.state(postgres_target) is None


def test_an_older_program_does_not_touch_newer_tables(target: Path | str) -> None:
    migrate.upgrade(target)
    with connected(target) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (Database, migrate.upgrade, migrate.state):
        with pytest.raises(ConfigError, match="newer version"):
            attempt(target)


def test_tables_that_nobody_can_bring_up_are_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "hub.db")) as file:
        file.execute("CREATE TABLE event (id TEXT)")
    with pytest.raises(ConfigError, match=r"before 0\.1"):
        Database(tmp_path / "hub.db")


def test_processes_that_start_together_make_the_tables_once(target: Path | str) -> None:
    with ThreadPoolExecutor(4) as pool:
        before = list(pool.map(migrate.upgrade, [target] * 4))
    assert sorted(before, key=str) == [*[migrate.HEAD] * 3, None]
    Database(target).close()


def test_the_steps_make_what_the_program_uses(empty: Database) -> None:
    with empty.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _is_ours})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == migrate.HEAD


def _is_ours(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Partitions look like tables and indexes of their own."""
    if kind == "foreign_key_constraint":
        return not str(thing.referred_table.name).startswith("event_")
    table = name if kind == "table" else thing.table.name
    return not (reflected and str(table).startswith("event_"))


def test_the_steps_travel_with_the_program(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for step in (ROOT / "sync/hub/migrations").rglob("*.py"):
        assert str(step.relative_to(ROOT)) in names
