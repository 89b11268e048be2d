"""The gate's durable outbox: nothing opens before its grant is on disk, nothing leaves before the hub has it.

Two processes share the file: the gate grants, settles and appends, the publisher reads and confirms.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any
from uuid import UUID

from sqlite_utils import Database

from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Moment, Uptime
from edge.domain.ids import ChildId, Slug
from edge.errors import OutboxError
from edge.file_identity import Identity, identity
from sync.outbox_schema import MIGRATIONS
from sync.rows import Row

_BUSY_SECONDS = 5.0
_COLUMNS = "id, school, gate, child, direction, occurred, clock_synchronised, method, kind, boot, uptime"
_HOLD = f"INSERT INTO held ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 # constants
_PUBLISH = f"INSERT INTO event ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_TAKE = f"DELETE FROM held WHERE id = ? RETURNING {_COLUMNS}"  # noqa: S608
_PUBLISH_ALL = f"INSERT INTO event ({_COLUMNS}) SELECT {_COLUMNS} FROM held ORDER BY place"  # noqa: S608
_PENDING = f"SELECT number, {_COLUMNS} FROM event WHERE number > ? ORDER BY number LIMIT ?"  # noqa: S608
_BACKLOG = """
SELECT (SELECT count(*) FROM event), (SELECT occurred FROM event ORDER BY number LIMIT 1), last_confirmed
FROM outbox
"""
_IDS_PER_STATEMENT = 500
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much the hub has not confirmed, when the first of it happened, and when it last confirmed any."""

    count: int
    oldest: datetime | None
    last_confirmed: datetime | None


class Outbox:
    """One open outbox file. Every method that writes, but `confirm`, returns after the bytes are on the disk.

    Raises OutboxError where that cannot be; then nothing was written, and the next call may succeed.
    Methods may be called from any thread.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        with _explained():
            self._db, self._file = _open(path)
            self.id = UUID(self._db.conn.execute("SELECT id FROM outbox").fetchone()[0])
        self._seen_version = self._version()

    def __enter__(self) -> "Outbox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    # -- the gate's side ---------------------------------------------------------------------------------

    def grant(self, event: AttendanceEvent) -> None:
        """Make a grant durable before the turnstile is told to open. It is published once it is settled."""
        if event.kind is not Kind.GRANTED_NOT_PASSED:
            raise ValueError("a grant has not been passed yet")
        with self._write() as connection:
            connection.execute(_HOLD, _values(event))

    def settle(self, event_id: UUID, kind: Kind, moment: Moment) -> AttendanceEvent:
        """Say how a grant ended (PASSED or GRANTED_NOT_PASSED) and when; works once for each grant.

        Returns the event as it will be published.
        """
        if kind not in {Kind.PASSED, Kind.GRANTED_NOT_PASSED}:
            raise ValueError(f"a grant cannot end as {kind.value}")
        with self._write() as connection:
            found = connection.execute(_TAKE, [str(event_id)]).fetchall()
            if not found:
                raise OutboxError(
                    "this grant is not waiting: it was settled already, or never made",
                    "Report this as a defect of the gate; the passage itself was recorded at most once",
                )
            event = replace(
                _event(found[0]),
                kind=kind,
                occurred=moment.occurred,
                clock_synchronised=moment.clock_synchronised,
                uptime=moment.uptime,
            )
            connection.execute(_PUBLISH, _values(event))
        return event

    def append(self, event: AttendanceEvent) -> None:
        """Store a refusal or an alarm, to be published at once."""
        if event.kind not in {Kind.REFUSED, Kind.ALARM}:
            raise ValueError("only refusals and alarms go without a grant")
        with self._write() as connection:
            connection.execute(_PUBLISH, _values(event))

    def settle_leftovers(self) -> int:
        """After a restart: grants whose end nobody saw become publishable as not passed. Returns how many."""
        with self._write() as connection:
            connection.execute(_PUBLISH_ALL)
            return connection.execute("DELETE FROM held").rowcount

    # -- the publisher's side ----------------------------------------------------------------------------

    def pending(self, limit: int, after: int = 0) -> list[Row]:
        """The first `limit` publishable events behind row number `after`, in order."""
        with self._read() as connection:
            found = connection.execute(_PENDING, [after, limit]).fetchall()
        return [Row(self.id, number, _event(values)) for number, *values in found]

    def confirm(self, ids: Iterable[UUID]) -> int:
        """Forget events that the hub has stored. Unknown ids and unsettled grants stay as they are.

        The one write that does not wait for the disk: a power cut may bring rows back, whole and in their
        places; they are sent again, and the hub knows them.
        """
        texts = [str(each) for each in ids]
        gone = 0
        with self._write_without_waiting() as connection:
            for start in range(0, len(texts), _IDS_PER_STATEMENT):
                part = texts[start : start + _IDS_PER_STATEMENT]
                marks = ", ".join("?" * len(part))
                gone += connection.execute(
                    f"DELETE FROM event WHERE id IN ({marks})",  # noqa: S608 # only question marks
                    part,
                ).rowcount
            if gone:
                connection.execute("UPDATE outbox SET last_confirmed = ?", [_stamp(datetime.now(UTC))])
        return gone

    def backlog(self) -> Backlog:
        """Publishable events that the hub has not confirmed."""
        with self._read() as connection:
            count, oldest, confirmed = connection.execute(_BACKLOG).fetchone()
        return Backlog(count, _moment(oldest), _moment(confirmed))

    def walk(self) -> Iterator[Row]:
        """Every publishable event in order, however many there are; never more than a page in memory."""
        page = self.pending(_PAGE)
        while page:
            yield from page
            page = self.pending(_PAGE, page[-1].number)

    def changed(self) -> bool:
        """Whether another process wrote since the last call; cheap enough to ask fifty times a second."""
        version = self._version()
        changed = version != self._seen_version
        self._seen_version = version
        return changed

    def _version(self) -> int:
        with self._read() as connection:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _explained():
            self._check_place()
            yield self._db.conn

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _explained(), _transaction(self._db.conn) as connection:
            yield connection
            self._check_place()

    @contextmanager
    def _write_without_waiting(self) -> Iterator[sqlite3.Connection]:
        """With a write-ahead log as consistent as the other; only the newest commits may be lost."""
        with self._lock, _explained():
            self._db.conn.execute("PRAGMA synchronous = NORMAL")
            try:
                with _transaction(self._db.conn) as connection:
                    yield connection
                    self._check_place()
            finally:
                self._db.conn.execute("PRAGMA synchronous = FULL")

    def _check_place(self) -> None:
        """SQLite would write on into a file that was removed or renamed, and nobody would find it there."""
        if identity(self.path) != self._file:
            raise OutboxError(
                f"the outbox {self.path} was removed or replaced; nothing is written meanwhile",
                "Put it back with its -wal and -shm; to go on without it, restart the gate and the publisher",
            )


def _open(path: Path) -> tuple[Database, Identity | None]:
    # Gate and publisher run as different users of one group: the file is theirs, and nobody else's.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o660))
    file = identity(path)
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA journal_mode = WAL")
        db = Database(connection)
        # One transaction around all of it: two processes may start at the same moment.
        with _transaction(connection):
            MIGRATIONS.apply(db)
    except BaseException:
        connection.close()
        raise
    return db, file


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(stamp: str | None) -> datetime | None:
    return None if stamp is None else datetime.fromisoformat(stamp)


def _values(event: AttendanceEvent) -> list[object]:
    return [
        str(event.id),
        event.school.value,
        event.gate.value,
        None if event.child is None else event.child.value,
        event.direction.value,
        _stamp(event.occurred),
        int(event.clock_synchronised),
        event.method.value,
        event.kind.value,
        None if event.uptime is None else str(event.uptime.boot),
        None if event.uptime is None else event.uptime.seconds,
    ]


def _event(values: Iterable[Any]) -> AttendanceEvent:
    id_, school, gate, child, direction, occurred, synchronised, method, kind, boot, uptime = values
    return AttendanceEvent(
        id=UUID(id_),
        school=Slug(school),
        gate=Slug(gate),
        child=None if child is None else ChildId(child),
        direction=Direction(direction),
        occurred=datetime.fromisoformat(occurred),
        clock_synchronised=bool(synchronised),
        method=Method(method),
        kind=Kind(kind),
        uptime=None if boot is None else Uptime(UUID(boot), uptime),
    )


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise OutboxError(
            "the outbox holds an event with this id already", "Give every event its own id"
        ) from error
    except sqlite3.OperationalError as error:
        raise _operational(str(error)) from error
    except sqlite3.ProgrammingError as error:
        raise OutboxError("the outbox is closed", "Open it again") from error
    except sqlite3.DatabaseError as error:
        raise OutboxError(
            f"the outbox is damaged: {error}", "Keep the file for inspection, move it away and start again"
        ) from error
    except OSError as error:
        raise OutboxError(
            f"the outbox cannot be opened: {error.strerror}", "Check its folder, rights and disk"
        ) from error


def _operational(text: str) -> OutboxError:
    if "locked" in text or "busy" in text:
        return OutboxError("the outbox is held by another process", "Try again; see who keeps it open")
    if "full" in text or "disk I/O" in text:
        return OutboxError(
            f"the outbox's disk takes no more ({text})", "Free space on it; nothing was half-written"
        )
    return OutboxError(f"the outbox cannot be used: {text}", "Check its folder, rights and disk")
