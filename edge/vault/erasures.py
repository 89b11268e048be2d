"""What the vault destroyed: counted, numbered, and certified once it is gone from every file."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlite_utils import Database

from edge.domain.erasure import Destruction, ErasureReason
from edge.domain.ids import ChildId
from edge.errors import VaultError
from edge.vault import records
from edge.vault.database import explained

_TABLES = (
    "SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c ON c.name = 'child'"
    " WHERE t.type = 'table' AND t.name <> 'look_alike'"
)
_COLUMNS = "number, pseudonym, reason, at, destroyed, consents_ended, gone_at"


class Erasures:
    """The numbered list of destructions. It keeps a pseudonym, counts and times: nothing of what is gone."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @contextmanager
    def recorded(self, child: ChildId, reason: ErasureReason, now: datetime) -> Iterator[None]:
        """Count what the block destroys of a child and record it, inside the caller's transaction."""
        before, running, key = self._counts(child), self._running_consents(child), self._key(child)
        yield
        after = self._counts(child)
        destroyed = {"child_key": 1} if self._key(child) != key else {}
        destroyed |= {kind: count - after[kind] for kind, count in before.items() if count > after[kind]}
        ended = running - self._running_consents(child) - destroyed.get("consent", 0)
        self._db.conn.execute(
            "INSERT INTO erasure (pseudonym, reason, at, destroyed, consents_ended) VALUES (?, ?, ?, ?, ?)",
            [
                child.value,
                reason.value,
                records.stamp(now),
                json.dumps(destroyed),
                max(0, ended),
            ],
        )

    def of(self, child: ChildId) -> list[Destruction]:
        """Every destruction of a child, oldest first."""
        return self._select("pseudonym = ?", child.value)

    def last(self) -> int:
        """The number of the newest, 0 before the first."""
        return max(
            (each.number for each in self._select("number = (SELECT max(number) FROM erasure)")), default=0
        )

    def numbered(self, number: int) -> Destruction:
        """One of them. Raises VaultError."""
        for found in self._select("number = ?", number):
            return found
        raise VaultError(f"there is no erasure {number}", "Name the student: qaqpa-kiosk receipt")

    def not_gone(self) -> list[Destruction]:
        """Those whose traces may still stand in a log or open with an old slot."""
        return self._select("gone_at IS NULL")

    def uncertified(self) -> list[Destruction]:
        """Those that are gone and have no receipt yet."""
        return self._select("gone_at IS NOT NULL AND receipt IS NULL")

    def mark_gone(self, numbers: list[int], now: datetime) -> None:
        """Say that these are gone for good, inside the caller's transaction."""
        self._db.conn.executemany(
            "UPDATE erasure SET gone_at = max(?, at) WHERE number = ? AND gone_at IS NULL",
            [(records.stamp(now), number) for number in numbers],
        )

    def put_receipt(self, number: int, receipt: bytes) -> None:
        """Keep a receipt inside the caller's transaction; the first one stays."""
        self._db.conn.execute(
            "UPDATE erasure SET receipt = ? WHERE number = ? AND receipt IS NULL", [receipt, number]
        )

    def receipt(self, number: int) -> bytes | None:
        """The receipt of one erasure, or None until it has one."""
        with explained():
            row = self._db.conn.execute("SELECT receipt FROM erasure WHERE number = ?", [number]).fetchone()
        return None if row is None else row[0]

    def _counts(self, child: ChildId) -> dict[str, int]:
        """Records about a child, by table."""
        sql = self._db.conn
        return {
            name: sql.execute(f"SELECT count(*) FROM {name} WHERE {where}", [child.value]).fetchone()[0]  # noqa: S608 - names from the schema
            for name, where in self._places.items()
        }

    @cached_property
    def _places(self) -> dict[str, str]:
        """Every table with a column `child`, and two more, each with what makes a row one about a child.

        Of a guardian who was removed there is nothing left to destroy.
        """
        found = {name: "child = ?1" for (name,) in self._db.conn.execute(_TABLES).fetchall()}
        return found | {
            "child": "id = ?1",
            "look_alike": "child = ?1 OR other = ?1",
            "guardian": "child = ?1 AND sealed <> x''",
        }

    def _key(self, child: ChildId) -> bytes | None:
        row = self._db.conn.execute("SELECT wrapped_key FROM child WHERE id = ?", [child.value]).fetchone()
        return None if row is None else row[0]

    def _running_consents(self, child: ChildId) -> int:
        (count,) = self._db.conn.execute(
            "SELECT count(*) FROM consent WHERE child = ? AND withdrawn_at IS NULL", [child.value]
        ).fetchone()
        return int(count)

    def _select(self, where: str, *values: str | int) -> list[Destruction]:
        with explained():
            rows = self._db.conn.execute(
                f"SELECT {_COLUMNS} FROM erasure WHERE {where} ORDER BY number",  # noqa: S608 - fixed conditions
                values,
            ).fetchall()
        return [_destruction(row) for row in rows]


def _destruction(row: tuple[Any, ...]) -> Destruction:
    number, pseudonym, reason, at, destroyed, ended, gone = row
    return Destruction(
        number,
        ChildId(pseudonym),
        ErasureReason(reason),
        records.moment(at),
        json.loads(destroyed),
        ended,
        records.maybe_moment(gone),
    )
