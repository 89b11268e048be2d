"""How each child's scores go, sealed under the child's key: staff read it, only the gate writes it."""

import sqlite3
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeAlias

from sqlite_utils import Database

from edge.domain.ids import ChildId
from edge.match.trend import Proposal, Trend, after
from edge.vault.database import connect_for, snapshot, write
from edge.vault.keyring import Keyring, about
from edge.vault.seal import seal, unseal

_FORM = struct.Struct("<Q3dBI")
_UNDATED = struct.Struct("<Q3dB")
"""A trend of before the day was kept."""
_More: TypeAlias = Callable[[Trend], Trend]
_PROPOSALS = (None, Proposal.NEAR, Proposal.SUNK)
_MAY_READ = {"child": {"id", "wrapped_key"}, "template": {"child", "engine"}, "generation": {"value"}}
_HELD = (
    "SELECT c.wrapped_key, t.sealed FROM child c LEFT JOIN trend t ON t.child = c.id AND t.engine = :engine"
    " WHERE c.id = :child"
    " AND EXISTS (SELECT 1 FROM template WHERE template.child = c.id AND template.engine = :engine)"
)
_PUT = (
    "INSERT INTO trend VALUES (:child, :engine, :sealed)"
    " ON CONFLICT (child, engine) DO UPDATE SET sealed = excluded.sealed"
)


class Trends:
    """What the gate has noticed, for staff."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    def proposals(self) -> dict[ChildId, Proposal]:
        """Every child that should be enrolled anew, and why. Raises Tampered."""
        return {child: trend.proposal for child, _, trend, _ in self._all() if trend.proposal is not None}

    def last_uses(self) -> dict[tuple[ChildId, str], date]:
        """On which day each child's templates of an engine last let it in. Raises Tampered."""
        return {(child, engine): used for child, engine, _, used in self._all() if used is not None}

    def _all(self) -> list[tuple[ChildId, str, Trend, date | None]]:
        with snapshot(self._db) as sql:
            rows = sql.execute(
                "SELECT c.id, t.engine, t.sealed, c.wrapped_key FROM trend t JOIN child c ON c.id = t.child"
            ).fetchall()
            return [self._opened(*row) for row in rows]

    def _opened(
        self, id_: str, engine: str, sealed: bytes, wrapped: bytes
    ) -> tuple[ChildId, str, Trend, date | None]:
        child = ChildId(id_)
        return child, engine, *_unsealed(self._keyring.unwrap(child, wrapped), sealed, child, engine)


class TrendWriter:
    """The gate's only way to write into the vault: its connection may change the table of trends alone.

    A connection lives for one short transaction. Every method raises VaultError where the vault cannot be
    written at once; then nothing was.
    """

    def __init__(self, path: Path, keyring: Keyring) -> None:
        self._path = path
        self._keyring = keyring
        self._generation: tuple[int] | None = None

    def write(
        self,
        engine: str,
        passages: Mapping[ChildId, Sequence[float]],
        threshold: float,
        day: date | None = None,
    ) -> None:
        """Add scores to their children's trends, each list oldest first; `day`: of the newest of them.

        If the vault changed since the last call, they may be of templates that are gone: they are dropped.
        """
        with closing(connect_for(self._path, trends_only)) as db, write(db) as sql:
            generation = sql.execute("SELECT value FROM generation").fetchone()
            if generation is not None and generation == self._generation:
                for child, scores in passages.items():
                    more = partial(after, scores=scores, threshold=threshold)
                    self._add(sql, engine, child, day, more)
        self._generation = generation

    def _add(
        self, sql: sqlite3.Connection, engine: str, child: ChildId, day: date | None, more: _More
    ) -> None:
        key = {"child": child.value, "engine": engine}
        held = sql.execute(_HELD, key).fetchone()
        if held is None:
            return
        dek = self._keyring.unwrap(child, held[0])
        before, used = _unsealed(dek, held[1], child, engine) if held[1] else (Trend(), None)
        packed = _packed(more(before), day or used)
        sql.execute(_PUT, {**key, "sealed": seal(dek, packed, _about(child, engine))})


def trends_only(
    action: int, table: str | None, column: str | None, database: str | None, _trigger: str | None
) -> bool:
    """What `TrendWriter` may ask of SQLite: put trends, and read what that takes. All else is refused."""
    if action in {sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SELECT}:
        return True
    if action in {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE}:
        return (table, database) == ("trend", "main")
    if action == sqlite3.SQLITE_READ:
        return table == "trend" or column in _MAY_READ.get(table or "", ())
    return False


def _packed(trend: Trend, used: date | None) -> bytes:
    reason = _PROPOSALS.index(trend.proposal)
    day = used.toordinal() if used else 0
    return _FORM.pack(trend.count, trend.slow, trend.fast, trend.variance, reason, day)


def _unsealed(dek: bytes, sealed: bytes, child: ChildId, engine: str) -> tuple[Trend, date | None]:
    plain = unseal(dek, sealed, _about(child, engine))
    if len(plain) == _UNDATED.size:
        plain += bytes(_FORM.size - _UNDATED.size)
    count, slow, fast, variance, reason, day = _FORM.unpack(plain)
    return Trend(count, slow, fast, variance, _PROPOSALS[reason]), date.fromordinal(day) if day else None


def _about(child: ChildId, engine: str) -> bytes:
    return about("trend", child.value, engine)
