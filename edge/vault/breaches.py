"""Breaches in the vault: opened once, closed once. What happened is sealed under a key of the device."""

import json
from collections.abc import Collection
from datetime import datetime
from secrets import token_bytes
from typing import Any

from sqlite_utils import Database

from edge.domain.breach import Breach
from edge.domain.consent import DataCategory
from edge.domain.ids import ChildId
from edge.errors import VaultError
from edge.vault import records
from edge.vault.database import explained, write
from edge.vault.keyring import Keyring, about
from edge.vault.seal import KEY_BYTES, seal, unseal

BREACH_KEY = "breach_key"
_SELECT = "SELECT id, found_at, opened_at, concerned, told_at, closed_at, sealed FROM breach"


class Breaches:
    """The register of breaches, and whom each concerns while they are on the roster."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    def open(self, breach: Breach, children: Collection[ChildId]) -> None:
        """Enter one with the children that it concerns. Raises VaultError for one not on the roster."""
        with write(self._db) as sql:
            self._keyring.put_secret(BREACH_KEY, token_bytes(KEY_BYTES))
            plain = json.dumps([breach.what, sorted(breach.data)]).encode()
            sealed = seal(self._keyring.required_secret(BREACH_KEY), plain, about("breach", breach.id))
            sql.execute(
                "INSERT INTO breach (id, found_at, opened_at, concerned, sealed) VALUES (?, ?, ?, ?, ?)",
                [
                    breach.id,
                    records.stamp(breach.found_at),
                    records.stamp(breach.opened_at),
                    breach.concerned,
                    sealed,
                ],
            )
            sql.executemany(
                "INSERT INTO breach_child VALUES (?, ?)", [(breach.id, child.value) for child in children]
            )

    def close(self, id_: str, told_at: datetime, now: datetime) -> Breach:
        """The authorised body was told at `told_at`. Raises VaultError for one that is not open."""
        with write(self._db) as sql:
            closed = sql.execute(
                "UPDATE breach SET told_at = ?, closed_at = max(?, opened_at)"
                " WHERE id = ? AND closed_at IS NULL",
                [records.stamp(told_at), records.stamp(now), id_],
            ).rowcount
            if not closed:
                raise VaultError(f"there is no open breach {id_}", "See them: qaqpa-kiosk breach list")
            return self._select("WHERE id = ?", id_)[0]

    def all(self) -> list[Breach]:
        """Every breach, the oldest first. Raises Tampered."""
        with explained():
            return self._select("")

    def still_open(self) -> list[Breach]:
        """Those that nobody has closed."""
        with explained():
            return self._select("WHERE closed_at IS NULL")

    def children(self, id_: str) -> list[ChildId]:
        """Whom a breach concerns, of those who are on the roster still."""
        with explained():
            rows = self._db.conn.execute(
                "SELECT child FROM breach_child WHERE breach = ? ORDER BY child", [id_]
            ).fetchall()
        return [ChildId(row[0]) for row in rows]

    def _select(self, where: str, *values: str) -> list[Breach]:
        rows = self._db.conn.execute(f"{_SELECT} {where} ORDER BY found_at, id", values).fetchall()
        return [self._breach(row) for row in rows]

    def _breach(self, row: tuple[Any, ...]) -> Breach:
        id_, found, opened, concerned, told, closed, sealed = row
        plain = unseal(self._keyring.required_secret(BREACH_KEY), sealed, about("breach", id_))
        what, data = json.loads(plain)
        return Breach(
            id_,
            records.moment(found),
            records.moment(opened),
            concerned,
            frozenset(DataCategory(each) for each in data),
            what,
            records.maybe_moment(told),
            records.maybe_moment(closed),
        )
