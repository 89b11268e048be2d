"""Who is in the building, as the lanes of this device saw them pass. Pseudonyms and times, nothing else.

One small SQLite file that the lanes of a device share; what is written is on the disk, so that it is right
after a restart.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from sqlite_utils import Database, Migrations

from edge.domain.events import AttendanceEvent, Direction, Kind
from edge.domain.ids import ChildId, Slug
from edge.errors import OutboxError
from edge.policy.passback import LastPassage

MIGRATIONS = Migrations("qaqpa.presence")
LISTED = timedelta(days=1)
"""Who came before midnight may be a guard on the night shift; who came earlier left by another way."""
_BUSY_SECONDS = 2.0
_TABLE = """
CREATE TABLE whereabouts (
    child TEXT PRIMARY KEY CHECK (length(child) = 32),
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    at TEXT NOT NULL
) STRICT
"""
_PUT = """
INSERT INTO whereabouts VALUES (?, ?, ?)
ON CONFLICT (child) DO UPDATE SET direction = excluded.direction, at = excluded.at WHERE excluded.at >= at
"""
_LET_IN = """
INSERT INTO let_in VALUES (?, ?, ?, ?)
ON CONFLICT (child) DO UPDATE SET gate = excluded.gate, at = excluded.at, until = excluded.until
"""
_FORGIVE_ALL = """
INSERT INTO forgiven VALUES (1, ?)
ON CONFLICT (one) DO UPDATE SET at = max(at, excluded.at)
"""
_KEEP_LIST = "INSERT INTO at_alarm SELECT child, at FROM whereabouts WHERE direction = 'in' AND at >= ?"
_LAST = """
SELECT direction, at FROM whereabouts
WHERE child = ? AND at > coalesce((SELECT at FROM forgiven), '')
"""
_INSIDE = """
SELECT child, at, at <= coalesce((SELECT at FROM forgiven), '') AND NOT EXISTS (SELECT 1 FROM open_gate)
FROM whereabouts WHERE direction = 'in' AND at >= ? ORDER BY at
"""
_REOPEN = "DELETE FROM closed_gate WHERE gate = ?"


@MIGRATIONS()
def m001_table(db: Database) -> None:
    """Version 1."""
    db.conn.execute(_TABLE)
    db.conn.execute("CREATE TABLE closed_gate (gate TEXT PRIMARY KEY) STRICT")


@MIGRATIONS()
def m002_emergency(db: Database) -> None:
    """Gates that an emergency opened, until a person resets them."""
    db.conn.execute("CREATE TABLE open_gate (gate TEXT PRIMARY KEY) STRICT")


@MIGRATIONS()
def m003_let_in(db: Database) -> None:
    """Who was let in at a gate and has not passed yet."""
    columns = "child TEXT PRIMARY KEY, gate TEXT NOT NULL, at TEXT NOT NULL, until TEXT NOT NULL"
    db.conn.execute(f"CREATE TABLE let_in ({columns}) STRICT")


@MIGRATIONS()
def m004_forgiven(db: Database) -> None:
    """Until when all is forgiven, and who was inside when the last emergency began."""
    db.conn.execute(
        "CREATE TABLE forgiven (one INTEGER PRIMARY KEY CHECK (one = 1), at TEXT NOT NULL) STRICT"
    )
    db.conn.execute("CREATE TABLE at_alarm (child TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT")


@dataclass(frozen=True, slots=True)
class LetIn:
    """A grant that `gate` gives now, and that has ended at `until` whatever happens."""

    gate: Slug
    now: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody who came in and did not leave; `since` in UTC.

    `may_have_left`: not seen since an emergency, or since staff forgave everybody.
    """

    child: ChildId
    since: datetime
    may_have_left: bool = False


class Presence:
    """One open file. Raises OutboxError where it cannot be used; the caller decides what that means."""

    def __init__(self, path: Path) -> None:
        with _explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
            path.chmod(0o600)
            for pragma in ("synchronous = FULL", "secure_delete = ON", "journal_mode = WAL"):
                connection.execute(f"PRAGMA {pragma}")
            self._db = Database(connection)
            MIGRATIONS.apply(self._db)

    def __enter__(self) -> "Presence":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def passed(self, child: ChildId, direction: Direction, at: datetime) -> None:
        """Somebody went through; of two passages the later one counts, in whatever order they are told."""
        with _explained():
            self._db.conn.execute(_PUT, [child.value, direction.value, _stamp(at)])

    def catch_up(self, events: Iterable[AttendanceEvent]) -> None:
        """After a restart: passages of the outbox that a crash kept from being noted here; all or none."""
        with _explained(), _all_or_none(self._db.conn):
            for event in events:
                if event.kind is Kind.PASSED and event.child is not None:
                    self.passed(event.child, event.direction, event.occurred)

    def let_in(self, child: ChildId, grant: LetIn, judge: Callable[[LastPassage | None], bool]) -> bool:
        """Note that a gate lets somebody in, if `judge` agrees to where they were last.

        Whom another gate is letting in at this moment is as good as inside. The check and the note are one
        transaction: of two lanes only one lets them in. A power cut may lose the note, it ends the grant too.
        """
        with _explained(), self._unsynced(), _all_or_none(self._db.conn):
            if not judge(self._let_in_elsewhere(child, grant) or self.last(child)):
                return False
            row = [child.value, grant.gate.value, _stamp(grant.now), _stamp(grant.until)]
            self._db.conn.execute(_LET_IN, row)
        return True

    def settled(self, event: AttendanceEvent) -> None:
        """A grant ended: somebody went through, or did not."""
        if event.child is None:
            return
        with _explained(), _all_or_none(self._db.conn):
            self._db.conn.execute(
                "DELETE FROM let_in WHERE child = ? AND gate = ?", [event.child.value, event.gate.value]
            )
            if event.kind is Kind.PASSED:
                self.passed(event.child, event.direction, event.occurred)

    def last(self, child: ChildId) -> LastPassage | None:
        """The last passage that was seen of somebody, unless all is forgiven since."""
        with _explained():
            row = self._db.conn.execute(_LAST, [child.value]).fetchone()
        return None if row is None else LastPassage(Direction(row[0]), datetime.fromisoformat(row[1]))

    def _let_in_elsewhere(self, child: ChildId, grant: LetIn) -> LastPassage | None:
        """A note counts until its end and, should the clock be set back, not before it was made."""
        now = _stamp(grant.now)
        row = self._db.conn.execute(
            "SELECT at FROM let_in WHERE child = ? AND gate != ? AND at <= ? AND until > ?",
            [child.value, grant.gate.value, now, now],
        ).fetchone()
        return None if row is None else LastPassage(Direction.IN, datetime.fromisoformat(row[0]))

    @contextmanager
    def _unsynced(self) -> Iterator[None]:
        """What is written here need not outlive the device: nobody at the gate waits for the disk."""
        self._db.conn.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self._db.conn.execute("PRAGMA synchronous = FULL")

    def inside(self, since: datetime) -> list[Inside]:
        """Everyone who came in at `since` or later and did not leave, first come first."""
        with _explained():
            rows = self._db.conn.execute(_INSIDE, [_stamp(since)]).fetchall()
        return [
            Inside(ChildId(child), datetime.fromisoformat(at), bool(perhaps)) for child, at, perhaps in rows
        ]

    def inside_at_alarm(self) -> list[Inside]:
        """Whom the list named when the last emergency began, whatever happened afterwards."""
        with _explained():
            rows = self._db.conn.execute("SELECT child, at FROM at_alarm ORDER BY at").fetchall()
        return [Inside(ChildId(child), datetime.fromisoformat(at)) for child, at in rows]

    def closed(self, gate: Slug) -> bool:
        """Whether staff closed this gate, before a restart too."""
        with _explained():
            found = self._db.conn.execute("SELECT 1 FROM closed_gate WHERE gate = ?", [gate.value])
            return found.fetchone() is not None

    def set_closed(self, gate: Slug, closed: bool) -> None:
        """Remember that staff closed or reopened this gate."""
        change = "INSERT OR IGNORE INTO closed_gate VALUES (?)" if closed else _REOPEN
        with _explained():
            self._db.conn.execute(change, [gate.value])

    def emergency(self, gate: Slug) -> bool:
        """Whether an emergency opened this gate that nobody has ended, before a restart too."""
        with _explained():
            found = self._db.conn.execute("SELECT 1 FROM open_gate WHERE gate = ?", [gate.value])
            return found.fetchone() is not None

    def set_emergency(self, gate: Slug, going_on: bool, at: datetime) -> None:
        """Remember that an emergency opened this gate, or that a person reset it.

        Nobody is recorded while all is open. So everyone is forgiven when it begins and when it ends, and who
        was inside when the first gate opened stays known.
        """
        with _explained(), _all_or_none(self._db.conn) as sql:
            if not going_on:
                sql.execute("DELETE FROM open_gate WHERE gate = ?", [gate.value])
            elif sql.execute("SELECT 1 FROM open_gate").fetchone() is None:
                sql.execute("DELETE FROM at_alarm")
                sql.execute(_KEEP_LIST, [_stamp(at - LISTED)])
            if going_on:
                sql.execute("INSERT OR IGNORE INTO open_gate VALUES (?)", [gate.value])
            sql.execute(_FORGIVE_ALL, [_stamp(at)])

    def forgive(self, child: ChildId) -> None:
        """Forget where somebody was: staff know better, or the child was erased."""
        with _explained(), _all_or_none(self._db.conn) as sql:
            for table in ("whereabouts", "let_in"):
                sql.execute(f"DELETE FROM {table} WHERE child = ?", [child.value])  # noqa: S608 - fixed names

    def forgive_all(self, at: datetime) -> None:
        """Whatever was seen of anybody until now holds nobody back; the list of who is inside stays."""
        with _explained():
            self._db.conn.execute(_FORGIVE_ALL, [_stamp(at)])


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@contextmanager
def _all_or_none(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        yield connection


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise OutboxError(
            f"the list of who is inside cannot be used: {error}", "Check its folder, rights and disk"
        ) from error
