"""Sealed face templates: written and read only under a live consent."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any

import numpy as np
from sqlite_utils import Database

from edge.domain.consent import Consent
from edge.domain.ids import ChildId
from edge.vault import records
from edge.vault.consents import Consents
from edge.vault.database import explained, snapshot, write
from edge.vault.keyring import Keyring, about
from edge.vault.rotation import Rotation
from edge.vault.seal import seal, unseal
from edge.vision.face import Vector


@dataclass(frozen=True, slots=True)
class Template:
    """One enrolled reference, rotated; valid only under its consent."""

    consent: Consent
    vector: Vector = field(repr=False)


def about_template(id_: str, child: str, consent: str, engine: str) -> bytes:
    """What a sealed template is bound to."""
    return about("template", id_, child, consent, engine)


def secret_name(engine: str, dimension: int) -> str:
    """Under which the rotation of an engine's vectors is kept."""
    return f"rotation/{engine}/{dimension}"


class Templates:
    """The references of consenting children."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    def add(
        self, child: ChildId, consent_id: str, engine: str, vectors: Sequence[Vector], now: datetime
    ) -> None:
        """Rotate, seal and store references, all or none. Raises ConsentRequired without a live consent."""
        rotations = {size: self._rotation_for_enrolment(engine, size) for size in {len(v) for v in vectors}}
        rotated = [rotations[len(vector)].apply(vector) for vector in vectors]
        with write(self._db) as sql:
            # The key is read inside the transaction: a withdrawal meanwhile replaces it.
            dek = self._keyring.dek(child)
            for vector in rotated:
                _insert(
                    sql, dek, vector.tobytes(), child=child.value, consent=consent_id, engine=engine, now=now
                )

    def carry_over(self, consent: Consent, now: datetime) -> int:
        """Put the templates of a child whose consents are suspended under its new one; returns how many.

        Raises ConsentRequired for a consent that does not cover them, Tampered.
        """
        with write(self._db):
            return self._move(consent, now, "c.suspended")

    def take_over(self, consent: Consent, guardian_id: str, now: datetime) -> None:
        """Put what one guardian let the child be enrolled with under another one's consent.

        Inside the caller's transaction. Raises as `carry_over` does.
        """
        self._move(consent, now, "c.guardian = :guardian", guardian=guardian_id)

    def _move(self, consent: Consent, now: datetime, which: str, **values: str) -> int:
        sql, child = self._db.conn, consent.child.value
        moving = sql.execute(
            "SELECT t.id, t.consent, t.engine, t.sealed FROM template t"  # noqa: S608 - fixed conditions
            " JOIN standing_consent c ON c.id = t.consent"
            f" WHERE t.child = :child AND {which} AND c.withdrawn_at IS NULL AND c.expires_at > :now",
            {"child": child, "now": records.stamp(now), **values},
        ).fetchall()
        dek = self._keyring.dek(consent.child) if moving else b""
        for old_id, old_consent, engine, sealed in moving:
            plain = unseal(dek, sealed, about_template(old_id, child, old_consent, engine))
            _insert(sql, dek, plain, child=child, consent=consent.id, engine=engine, now=now)
            sql.execute("DELETE FROM template WHERE id = ?", [old_id])
        return len(moving)

    def live(self, engine: str, now: datetime) -> list[Template]:
        """Every template of an engine whose consent is live, ordered by child. Raises Tampered."""
        with snapshot(self._db) as sql:
            consents = {consent.id: consent for consent in Consents(self._db).live(now)}
            rows = sql.execute(
                "SELECT t.id, t.child, t.consent, t.engine, t.sealed, c.wrapped_key FROM template t"
                " JOIN child c ON c.id = t.child WHERE t.engine = ? ORDER BY t.child, t.id",
                [engine],
            ).fetchall()
            return self._opened(rows, consents)

    def _opened(self, rows: list[tuple[Any, ...]], consents: Mapping[str, Consent]) -> list[Template]:
        """Inside the snapshot: the device key is of the same moment. A child's key is held for its rows."""
        found: list[Template] = []
        whose, dek = "", b""
        for id_, child, consent_id, engine, sealed, wrapped in rows:
            if consent_id in consents:
                if child != whose:
                    whose, dek = child, self._keyring.unwrap(ChildId(child), wrapped)
                plain = unseal(dek, sealed, about_template(id_, child, consent_id, engine))
                found.append(Template(consents[consent_id], np.frombuffer(plain, np.float32)))
        return found

    def count(self, child: ChildId) -> int:
        """How many templates are stored for a child."""
        with explained():
            row = self._db.conn.execute(
                "SELECT count(*) FROM template WHERE child = ?", [child.value]
            ).fetchone()
        return int(row[0])

    def made(self, child: ChildId) -> list[tuple[str, datetime]]:
        """Engine and time of each template of a child; never what is in it."""
        with explained():
            rows = self._db.conn.execute(
                "SELECT engine, created_at FROM template WHERE child = ? ORDER BY created_at", [child.value]
            ).fetchall()
        return [(engine, records.moment(created)) for engine, created in rows]

    def rotation(self, engine: str, dimension: int) -> Rotation | None:
        """The school's secret rotation for an engine's vectors, or None before the first enrolment."""
        plain = self._keyring.secret(secret_name(engine, dimension))
        return None if plain is None else Rotation.from_bytes(plain, dimension)

    def run_out(self, now: datetime) -> list[ChildId]:
        """Children with templates whose consent has run out."""
        with explained():
            rows = self._db.conn.execute(
                "SELECT DISTINCT child FROM template WHERE consent IN"
                " (SELECT id FROM consent WHERE expires_at <= ?) ORDER BY child",
                [records.stamp(now)],
            ).fetchall()
        return [ChildId(row[0]) for row in rows]

    def delete_run_out(self, child: ChildId, now: datetime) -> None:
        """Delete a child's templates whose consent has run out, inside the caller's transaction."""
        self._db.conn.execute(
            "DELETE FROM template WHERE child = ?"
            " AND consent IN (SELECT id FROM consent WHERE expires_at <= ?)",
            [child.value, records.stamp(now)],
        )

    def _rotation_for_enrolment(self, engine: str, dimension: int) -> Rotation:
        known = self.rotation(engine, dimension)
        if known is not None:
            return known
        with write(self._db):
            self._keyring.put_secret(secret_name(engine, dimension), Rotation.random(dimension).to_bytes())
        return self._rotation_for_enrolment(engine, dimension)


def _insert(
    sql: sqlite3.Connection,
    dek: bytes,
    plain: bytes,
    *,
    child: str,
    consent: str,
    engine: str,
    now: datetime,
) -> None:
    id_ = token_hex(16)
    sealed = seal(dek, plain, about_template(id_, child, consent, engine))
    sql.execute(
        "INSERT INTO template VALUES (?, ?, ?, ?, ?, ?)",
        [id_, child, consent, engine, records.stamp(now), sealed],
    )
