"""The outbox's tables.

A grant waits in `held`; when it is settled it moves to `event` and gets its row number there. So row numbers
follow the order in which events became publishable, and an unsettled grant cannot be published or confirmed.
AUTOINCREMENT never gives a number twice, and a transaction that fails uses none up: the numbers of one outbox
have no gaps, so that the hub sees what is missing. Another file has another random id and begins at 1.
"""

import sqlite3
from uuid import uuid4

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("qaqpa.outbox")

_FIELDS = """
    id TEXT NOT NULL UNIQUE,
    school TEXT NOT NULL,
    gate TEXT NOT NULL,
    child TEXT CHECK (length(child) = 32),
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    occurred TEXT NOT NULL,
    clock_synchronised INTEGER NOT NULL CHECK (clock_synchronised IN (0, 1)),
    method TEXT NOT NULL CHECK (method IN ('face', 'card', 'qr', 'manual')),
    kind TEXT NOT NULL CHECK (kind IN ({kinds}))
"""
_EVERY_KIND = "'passed', 'refused', 'granted_not_passed', 'alarm'"
_V1 = "id, school, gate, child, direction, occurred, clock_synchronised, method, kind"
_UPTIME = ("boot TEXT", "uptime REAL")


@MIGRATIONS()
def tables(db: Database) -> None:
    """Version 1. Statement by statement: a script would commit in between."""
    connection: sqlite3.Connection = db.conn
    held = _FIELDS.format(kinds="'granted_not_passed'")
    event = _FIELDS.format(kinds=_EVERY_KIND)
    connection.execute(f"CREATE TABLE held (place INTEGER PRIMARY KEY, {held}) STRICT")
    connection.execute(f"CREATE TABLE event (number INTEGER PRIMARY KEY AUTOINCREMENT, {event}) STRICT")


@MIGRATIONS()
def sequence_and_uptime(db: Database) -> None:
    """Version 2: an id for this file, uptimes, and pending rows numbered anew from 1, which that id needs."""
    connection: sqlite3.Connection = db.conn
    connection.execute("CREATE TABLE outbox (id TEXT NOT NULL, last_confirmed TEXT) STRICT")
    connection.execute("INSERT INTO outbox (id) VALUES (?)", [str(uuid4())])
    for column in _UPTIME:
        connection.execute(f"ALTER TABLE held ADD COLUMN {column}")
    event = _FIELDS.format(kinds=_EVERY_KIND) + ", ".join(("", *_UPTIME))
    connection.execute("ALTER TABLE event RENAME TO numbered_before")
    connection.execute(f"CREATE TABLE event (number INTEGER PRIMARY KEY AUTOINCREMENT, {event}) STRICT")
    connection.execute(
        f"INSERT INTO event ({_V1}) SELECT {_V1} FROM numbered_before ORDER BY number"  # noqa: S608 # constants
    )
    connection.execute("DROP TABLE numbered_before")
