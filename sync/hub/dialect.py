"""What SQLite and PostgreSQL do differently; all other statements of the hub are the same for both."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, Table, create_engine, make_url
from sqlalchemy import event as hooks
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from edge.errors import SyncRetryable
from sync.hub.schema import event
from sync.hub.sqlite_file import SqliteFile, check

_BUSY_MS = 10_000
_SERVER = {
    "connect_timeout": 10,
    # A server that lost its power says no goodbye: without these a commit would wait for it for hours.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "qaqpa-hub",
}
_DURABLE = """
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""
_COLUMNS = [column.name for column in event.columns]
_LIST = ", ".join(_COLUMNS)
_STAGE = f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming ON COMMIT DELETE ROWS AS SELECT {_LIST} FROM event LIMIT 0"  # noqa: E501, S608 # column names
_COPY = f"COPY incoming ({_LIST}) FROM STDIN"
# In the order of ids: two workers with the same events wait for each other, and never in a circle.
_TAKE = f"INSERT INTO event ({_LIST}) SELECT {_LIST} FROM incoming ORDER BY id ON CONFLICT DO NOTHING RETURNING id"  # noqa: E501, S608 # column names


def is_postgresql(connection: Connection | Engine) -> bool:
    """Else it is SQLite."""
    return connection.dialect.name == "postgresql"


def create(target: Path | str, version: str | None = None) -> Engine:
    """An engine for an SQLite file, or for a `postgresql://` URL; nothing is opened yet.

    An SQLite file may give place to another one of this version of the tables, see SqliteFile.
    """
    if isinstance(target, Path):
        engine = create_engine(f"sqlite:///{target}")
        SqliteFile(target, version).attach(engine)
        hooks.listen(engine, "connect", _prepare_sqlite)
        hooks.listen(engine, "begin", _begin_sqlite)
        return engine
    url = make_url(target).set(drivername="postgresql+psycopg")
    engine = create_engine(url, connect_args=_SERVER, pool_pre_ping=True, hide_parameters=True)
    hooks.listen(engine, "connect", _prepare_postgresql)
    return engine


def for_writing(engine: Engine) -> Engine:
    """Transactions that write: on SQLite they take the lock at once, before they read anything."""
    return engine.execution_options(sqlite_immediate=True)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes; after an error it may have been kept, without one it surely was."""
    with for_writing(engine).begin() as connection:
        yield connection
        info = connection.info
    check(info)


def for_reading(engine: Engine) -> Engine:
    """Transactions that see one unchanging state: SQLite's always do."""
    return engine.execution_options(isolation_level="REPEATABLE READ") if is_postgresql(engine) else engine


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if is_postgresql(connection) else sqlite.insert(table)


def insert_new_events(connection: Connection, values: list[dict[str, Any]]) -> set[UUID]:
    """Store the events whose ids are not there yet, and return these ids."""
    if is_postgresql(connection):
        return _copy(connection, values)
    statement = sqlite.insert(event).on_conflict_do_nothing().returning(event.c.id)
    return set(connection.scalars(statement, values))


def append(connection: Connection, table: Table, values: list[dict[str, Any]]) -> None:
    """Insert many rows of one kind that conflict with none."""
    if not values:
        return
    if not is_postgresql(connection):
        connection.execute(table.insert(), values)
        return
    with _driver(connection).cursor() as cursor:
        names = list(values[0])
        with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN".encode()) as copy:
            for each in values:
                copy.write_row([each[name] for name in names])


def _driver(connection: Connection) -> "psycopg.Connection[Any]":
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


def _copy(connection: Connection, values: Iterable[Mapping[str, Any]]) -> set[UUID]:
    with _driver(connection).cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for each in values:
                copy.write_row(
                    [str(each[name]) if name == "child" and each[name] else each[name] for name in _COLUMNS]
                )
        return {id_ for (id_,) in cursor.execute(_TAKE)}


def lock(connection: Connection, name: str) -> None:
    """Until the end of the transaction nobody else holds this lock; SQLite has one writer in any case."""
    if is_postgresql(connection):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"qaqpa {name}",))


@contextmanager
def opened(target: Path | str) -> Iterator[Engine]:
    """An engine for a moment. Raises SyncRetryable."""
    engine = create(target)
    try:
        with explained():
            yield engine
    finally:
        engine.dispose()


@contextmanager
def explained() -> Iterator[None]:
    """Errors of the drivers as SyncRetryable."""
    try:
        yield
    except (DBAPIError, psycopg.Error, PoolExhausted) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise SyncRetryable(
            f"the hub's database cannot be used ({_told(cause)})",
            "Check that it runs, its disk, rights and space",
        ) from error


def _told(error: BaseException | None) -> str:
    """What went wrong, without the values of a row: PostgreSQL's details quote them."""
    if isinstance(error, psycopg.Error):
        return error.diag.message_primary or str(error).split("\n", 1)[0] or type(error).__name__
    return str(error)


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    # Python's driver would begin transactions where it likes; _begin_sqlite does it instead.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "trusted_schema = OFF", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("sqlite_immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _prepare_postgresql(connection: "psycopg.Connection[Any]", record: object) -> None:
    # What a gate is told to delete must survive a power cut, whatever the server's default is.
    connection.execute(_DURABLE)
    connection.commit()
