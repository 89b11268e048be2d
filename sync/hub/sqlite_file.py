"""The hub's SQLite file may be removed, renamed or replaced under a running hub: nothing is confirmed then.

SQLite writes on into a file that no path names any more, and nobody would find there what gates have deleted.
So each transaction begins and ends with the question whether the path still names the file that was opened.
"""

import sqlite3
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import event as hooks
from sqlalchemy.exc import InvalidatePoolError

from edge.errors import SyncRetryable
from edge.file_identity import Identity, identity

_INFO = "sqlite file"
_READY = "SELECT version_num = ? AND EXISTS (SELECT 1 FROM event) FROM alembic_version"


@dataclass(frozen=True, slots=True)
class _Opened:
    path: Path
    file: Identity

    def in_place(self) -> bool:
        return identity(self.path) == self.file


class SqliteFile:
    """The connections of one engine. Only the first may make the file.

    One that comes back is used again. Another one in its place is used if it holds events and has tables of
    `version`; else a restart is asked for, because an empty file is more likely a mistake than a wish.
    """

    def __init__(self, path: Path, version: str | None) -> None:
        self._path = path
        self._wal = path.with_name(f"{path.name}-wal")
        self._version = version
        self._known: Identity | None = None
        self._known_wal: Identity | None = None
        self._held: sqlite3.Connection | None = None

    def attach(self, engine: Engine) -> None:
        """Make and check this engine's connections."""
        hooks.listen(engine, "do_connect", self._connect)
        hooks.listen(engine, "checkout", self._checkout)
        hooks.listen(engine, "engine_disposed", self._let_go)

    def _connect(
        self, dialect: object, record: Any, arguments: object, keywords: object
    ) -> sqlite3.Connection:
        before = identity(self._path)
        if self._known is not None and before is None:
            raise _replaced(self._path, "is gone")
        another = self._known is not None and before != self._known
        if another and self._known_wal is not None and identity(self._wal) == self._known_wal:
            raise _replaced(self._path, f"is another one, and beside it lies the old one's {self._wal.name}")
        connection = self._open("rwc" if self._known is None else "rw")
        try:
            now = identity(self._path)
            if now is None or before not in {None, now}:
                raise _replaced(self._path, "was replaced")
            if another and not self._ready(connection):
                raise _replaced(self._path, "is another one, empty or of another version")
            if now != self._known:
                self._let_go()
                self._held = self._open("rw")
                self._known = now
        except BaseException:
            connection.close()
            raise
        record.info[_INFO] = _Opened(self._path, now)
        return connection

    def _open(self, mode: str) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, check_same_thread=False)

    def _ready(self, connection: sqlite3.Connection) -> bool:
        try:
            return bool(connection.execute(_READY, [self._version]).fetchone() == (1,))
        except sqlite3.DatabaseError:
            return False

    def _checkout(self, connection: sqlite3.Connection, record: Any, fairy: object) -> None:
        if not record.info[_INFO].in_place():
            raise InvalidatePoolError
        self._known_wal = identity(self._wal)

    def _let_go(self, engine: Engine | None = None) -> None:
        """Until then no other file gets the number of this one: a connection that is never used holds it."""
        if self._held is not None:
            self._held.close()
            self._held = None


def check(info: MutableMapping[Any, Any]) -> None:
    """After a commit on the connection of this `info`. Raises SyncRetryable where nobody would find it."""
    opened = info.get(_INFO)
    if opened is not None and not opened.in_place():
        raise _replaced(opened.path, "was removed or replaced")


def _replaced(path: Path, how: str) -> SyncRetryable:
    return SyncRetryable(
        f"the hub's database {path} {how}; nothing is confirmed meanwhile",
        f"Put the file back with its -wal and -shm; to use another one, stop the hub, take {path.name}-wal"
        f" and {path.name}-shm of the old one away, and start it",
    )
