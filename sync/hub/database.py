"""The hub's database file: durable on commit, one transaction at a time, errors that tell what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy import event as hooks
from sqlalchemy.exc import DatabaseError

from edge.errors import SyncRetryable
from sync.hub.schema import METADATA

_BUSY_MS = 10_000


class Database:
    """One SQLite file, used from any thread. Raises SyncRetryable where the disk or a lock is in the way."""

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(f"sqlite:///{path}")
        hooks.listen(self._engine, "connect", _prepare)
        hooks.listen(self._engine, "begin", _begin)
        with self.write() as connection:
            METADATA.create_all(connection)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, all or nothing; its first statement should write, which takes the lock."""
        with _explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One unchanging view; writers are not hindered."""
        with _explained(), self._engine.connect() as connection:
            yield connection


def _prepare(connection: sqlite3.Connection, record: object) -> None:
    # Python's driver would begin transactions where it likes; _begin does it instead.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "trusted_schema = OFF", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise SyncRetryable(
            f"the hub's database cannot be used ({error.orig})", "Check its disk, rights and space"
        ) from error
