"""The outbox's tables.

A grant waits in `held`; when it is settled it moves to `event` and gets its row number there. So row numbers
follow the order in which events became publishable, and an unsettled grant cannot be published or confirmed.
AUTOINCREMENT never gives a number twice: a later version sends it as the gate's sequence.
"""

import sqlite3

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


@MIGRATIONS()
def tables(db: Database) -> None:
    """Version 1. Statement by statement: a script would commit in between."""
    connection: sqlite3.Connection = db.conn
    held = _FIELDS.format(kinds="'granted_not_passed'")
    event = _FIELDS.format(kinds="'passed', 'refused', 'granted_not_passed', 'alarm'")
    connection.execute(f"CREATE TABLE held (place INTEGER PRIMARY KEY, {held}) STRICT")
    connection.execute(f"CREATE TABLE event (number INTEGER PRIMARY KEY AUTOINCREMENT, {event}) STRICT")
