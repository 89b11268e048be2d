"""The register of disclosures in the vault: added once, never changed, kept when the child is erased."""

import json
from collections.abc import Iterable
from typing import Any

from sqlite_utils import Database

from edge.domain.disclosure import Disclosure, Handed
from edge.domain.ids import ChildId
from edge.vault import records
from edge.vault.database import snapshot, write
from edge.vault.keyring import Keyring, about
from edge.vault.seal import seal, unseal

_SELECT = "SELECT id, child, ground, at, sealed FROM disclosure"


class Disclosures:
    """What was handed over about whom: all but ground and time sealed under the child's key."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    def add(self, disclosure: Disclosure) -> None:
        """Enter one. Raises VaultError for a child who is not on the roster."""
        if disclosure.child is None:
            raise ValueError("a disclosure is about somebody on the roster")
        with write(self._db) as sql:
            sql.execute(
                "INSERT INTO disclosure VALUES (?, ?, ?, ?, ?)",
                [
                    disclosure.id,
                    disclosure.child.value,
                    disclosure.ground,
                    records.stamp(disclosure.at),
                    self._sealed(disclosure, disclosure.child),
                ],
            )

    def of(self, child: ChildId) -> list[Disclosure]:
        """All about one child, the oldest first: what the parents are shown. Raises Tampered."""
        return self._select("WHERE child = ?", child.value)

    def all(self) -> list[Disclosure]:
        """The whole register, the oldest first. Raises Tampered."""
        return self._select("")

    def put_again(self, disclosures: Iterable[Disclosure]) -> None:
        """Seal these under their child's key of now, inside the caller's transaction."""
        for each in disclosures:
            if each.child is not None:
                self._db.conn.execute(
                    "UPDATE disclosure SET sealed = ? WHERE id = ?", [self._sealed(each, each.child), each.id]
                )

    def _select(self, where: str, *values: str) -> list[Disclosure]:
        with snapshot(self._db) as sql:
            rows = sql.execute(f"{_SELECT} {where} ORDER BY at, id", values).fetchall()
            return [self._disclosure(row) for row in rows]

    def _disclosure(self, row: tuple[Any, ...]) -> Disclosure:
        id_, child, ground, at, sealed = row
        if child is None:
            return Disclosure(id_, None, ground, records.moment(at))
        owner = ChildId(child)
        plain = unseal(self._keyring.dek(owner), sealed, about("disclosure", id_, child))
        document, body, staff, handed, sha256 = json.loads(plain)
        return Disclosure(
            id_,
            owner,
            ground,
            records.moment(at),
            document,
            body,
            tuple(ChildId(each) for each in staff),
            frozenset(Handed(each) for each in handed),
            sha256,
        )

    def _sealed(self, disclosure: Disclosure, child: ChildId) -> bytes:
        plain = json.dumps(
            [
                disclosure.document,
                disclosure.body,
                [each.value for each in disclosure.staff],
                sorted(disclosure.handed),
                disclosure.sha256,
            ]
        )
        return seal(self._keyring.dek(child), plain.encode(), about("disclosure", disclosure.id, child.value))
