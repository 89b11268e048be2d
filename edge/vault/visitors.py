"""Visitors: a sealed label and an end time, on no roster, with nothing biometric."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes, token_hex

from sqlite_utils import Database

from edge.domain.credentials import Holder, HolderKind
from edge.domain.ids import ChildId
from edge.vault import records
from edge.vault.database import explained, write
from edge.vault.keyring import Keyring, about
from edge.vault.seal import KEY_BYTES, seal, unseal

VISITOR_KEY = "visitor_key"
KEPT = timedelta(days=1)
"""How long a visitor is remembered after the end: until the day's questions are answered."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may enter until `ends`."""

    holder: Holder
    label: str = field(repr=False)
    ends: datetime


class Visitors:
    """Who was let in for a while."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    def add(self, label: str, ends: datetime) -> Visitor:
        """Note a visitor under a random pseudonym. Raises ValueError for an empty label."""
        if not label.strip():
            raise ValueError("the label is empty")
        visitor = Visitor(Holder(HolderKind.VISITOR, ChildId(token_hex(16))), label.strip(), ends)
        id_ = visitor.holder.id.value
        with write(self._db) as sql:
            self._keyring.put_secret(VISITOR_KEY, token_bytes(KEY_BYTES))
            key = self._keyring.required_secret(VISITOR_KEY)
            sealed = seal(key, visitor.label.encode(), about("visitor", id_))
            sql.execute("INSERT INTO visitor VALUES (?, ?, ?)", [id_, sealed, records.stamp(ends)])
        return visitor

    def all(self) -> list[Visitor]:
        """Every visitor remembered, the next to leave first."""
        with explained():
            rows = self._db.conn.execute("SELECT id, sealed, ends_at FROM visitor ORDER BY ends_at, id")
            found = rows.fetchall()
        if not found:
            return []
        key = self._keyring.required_secret(VISITOR_KEY)
        return [
            Visitor(
                Holder(HolderKind.VISITOR, ChildId(id_)),
                unseal(key, sealed, about("visitor", id_)).decode(),
                records.moment(ends),
            )
            for id_, sealed, ends in found
        ]

    def purge_ended(self, now: datetime) -> int:
        """Forget visitors a day after their end, and their passes with them; returns how many."""
        with write(self._db) as sql:
            return sql.execute("DELETE FROM visitor WHERE ends_at <= ?", [records.stamp(now - KEPT)]).rowcount
