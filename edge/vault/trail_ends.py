"""Where each audit trail ended when that was last written down: lines cut off its end are missed at once.

Whoever can write the trail's file alone cannot change this: it lies in the vault, under a MAC.
"""

import hmac
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from edge.audit import Head
from edge.errors import Tampered
from edge.vault.database import connect_for, explained, write
from edge.vault.keyring import Keyring

AUDIT_KEY = "audit_key"
_PUT = (
    "INSERT INTO trail_end VALUES (?, ?, ?, ?) ON CONFLICT (trail)"
    " DO UPDATE SET records = excluded.records, chain = excluded.chain, mac = excluded.mac"
)


class TrailEnds:
    """The ends of all trails of this device, by their files."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    def known(self, trail: Path) -> Head | None:
        """Where a trail ended; None for one that was never written down. Raises Tampered."""
        name = _name(trail)
        with explained():
            row = self._db.conn.execute(
                "SELECT records, chain, mac FROM trail_end WHERE trail = ?", [name]
            ).fetchone()
        if row is None:
            return None
        head = Head(row[0], row[1])
        if not hmac.compare_digest(row[2], _mac(self._keyring.required_secret(AUDIT_KEY), name, head)):
            raise Tampered(
                "the end of the audit trail, as the vault knows it, was changed", "Tell the data officer"
            )
        return head

    def keep(self, trail: Path, head: Head) -> None:
        """Write down where a trail ends, which is on the disk already. Raises VaultError."""
        key = self._keyring.required_secret(AUDIT_KEY)
        with write(self._db) as sql:
            _put(sql, key, trail, head)

    def forget(self, trail: Path) -> Head | None:
        """A new trail begins in this place; returns where the one before had ended. Raises Tampered."""
        known = self.known(trail)
        with write(self._db) as sql:
            sql.execute("DELETE FROM trail_end WHERE trail = ?", [_name(trail)])
        return known


class TrailEndWriter:
    """The gate's way to write down where its trail ends: its connection may change nothing else.

    It waits for nobody: raises VaultError where the vault cannot be written at once.
    """

    def __init__(self, vault: Path, key: bytes) -> None:
        self._vault = vault
        self._key = key

    def keep(self, trail: Path, head: Head) -> None:
        """Write down where a trail ends, which is on the disk already. Raises VaultError."""
        with closing(connect_for(self._vault, ends_only)) as db, write(db) as sql:
            _put(sql, self._key, trail, head)


def ends_only(
    action: int, table: str | None, _column: str | None, database: str | None, _trigger: str | None
) -> bool:
    """What `TrailEndWriter` may ask of SQLite; all else is refused."""
    if action in {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_READ}:
        return (table, database) == ("trail_end", "main")
    return action in {sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SELECT}


def _put(sql: sqlite3.Connection, key: bytes, trail: Path, head: Head) -> None:
    name = _name(trail)
    sql.execute(_PUT, [name, head.records, head.chain, _mac(key, name, head)])


def _name(trail: Path) -> str:
    return str(trail.resolve())


def _mac(key: bytes, name: str, head: Head) -> bytes:
    return hmac.digest(key, f"qaqpa-trail-end-v1\n{name}\n{head.records}\n{head.chain}".encode(), "sha256")
