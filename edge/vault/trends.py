"""How each child's scores go, sealed under the child's key: staff read it, only the gate writes it."""

import sqlite3
import struct
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from edge.domain.ids import ChildId
from edge.match.trend import Proposal, Trend, after
from edge.vault.database import connect_for, explained, write
from edge.vault.keyring import Keyring, about
from edge.vault.seal import seal, unseal

_FORM = struct.Struct("<Q3dB")
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
        with explained():
            rows = self._db.conn.execute(
                "SELECT c.id, t.engine, t.sealed, c.wrapped_key FROM trend t JOIN child c ON c.id = t.child"
            ).fetchall()
        found: dict[ChildId, Proposal] = {}
        for id_, engine, sealed, wrapped in rows:
            child = ChildId(id_)
            trend = _unsealed(self._keyring.unwrap(child, wrapped), sealed, child, engine)
            if trend.proposal is not None:
                found[child] = trend.proposal
        return found


class TrendWriter:
    """The gate's only way to write into the vault: its connection may change the table of trends alone.

    A connection lives for one short transaction. Every method raises VaultError where the vault cannot be
    written at once; then nothing was.
    """

    def __init__(self, path: Path, keyring: Keyring) -> None:
        self._path = path
        self._keyring = keyring
        self._generation: tuple[int] | None = None

    def write(self, engine: str, passages: Mapping[ChildId, Sequence[float]], threshold: float) -> None:
        """Add scores to their children's trends, each list oldest first.

        If the vault changed since the last call, they may be of templates that are gone: they are dropped.
        """
        with closing(connect_for(self._path, trends_only)) as db, write(db) as sql:
            generation = sql.execute("SELECT value FROM generation").fetchone()
            if generation is not None and generation == self._generation:
                for child, scores in passages.items():
                    self._add(sql, engine, child, scores, threshold)
        self._generation = generation

    def _add(
        self, sql: sqlite3.Connection, engine: str, child: ChildId, scores: Sequence[float], threshold: float
    ) -> None:
        key = {"child": child.value, "engine": engine}
        held = sql.execute(_HELD, key).fetchone()
        if held is None:
            return
        dek = self._keyring.unwrap(child, held[0])
        trend = after(_unsealed(dek, held[1], child, engine) if held[1] else Trend(), scores, threshold)
        sql.execute(_PUT, {**key, "sealed": seal(dek, _packed(trend), _about(child, engine))})


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


def _packed(trend: Trend) -> bytes:
    reason = _PROPOSALS.index(trend.proposal)
    return _FORM.pack(trend.count, trend.slow, trend.fast, trend.variance, reason)


def _unsealed(dek: bytes, sealed: bytes, child: ChildId, engine: str) -> Trend:
    count, slow, fast, variance, reason = _FORM.unpack(unseal(dek, sealed, _about(child, engine)))
    return Trend(count, slow, fast, variance, _PROPOSALS[reason])


def _about(child: ChildId, engine: str) -> bytes:
    return about("trend", child.value, engine)
