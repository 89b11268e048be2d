"""Sealed face templates: written and read only under a live consent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex

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
                id_ = token_hex(16)
                sealed = seal(dek, vector.tobytes(), about("template", id_, child.value, consent_id, engine))
                sql.execute(
                    "INSERT INTO template VALUES (?, ?, ?, ?, ?, ?)",
                    [id_, child.value, consent_id, engine, records.stamp(now), sealed],
                )

    def live(self, engine: str, now: datetime) -> list[Template]:
        """Every template of an engine whose consent is live, ordered by child. Raises Tampered."""
        with snapshot(self._db) as sql:
            consents = {consent.id: consent for consent in Consents(self._db).live(now)}
            rows = sql.execute(
                "SELECT t.id, t.child, t.consent, t.sealed, c.wrapped_key FROM template t"
                " JOIN child c ON c.id = t.child WHERE t.engine = ? ORDER BY t.child, t.id",
                [engine],
            ).fetchall()
        keys: dict[str, bytes] = {}
        found: list[Template] = []
        for id_, child, consent_id, sealed, wrapped in rows:
            if consent_id in consents:
                if child not in keys:
                    keys[child] = self._keyring.unwrap(ChildId(child), wrapped)
                plain = unseal(keys[child], sealed, about("template", id_, child, consent_id, engine))
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
        plain = self._keyring.secret(f"rotation/{engine}/{dimension}")
        return None if plain is None else Rotation.from_bytes(plain, dimension)

    def purge_expired(self, now: datetime) -> int:
        """Delete templates whose consent has run out; returns how many."""
        with write(self._db) as sql:
            return sql.execute(
                "DELETE FROM template WHERE consent IN (SELECT id FROM consent WHERE expires_at <= ?)",
                [records.stamp(now)],
            ).rowcount

    def _rotation_for_enrolment(self, engine: str, dimension: int) -> Rotation:
        known = self.rotation(engine, dimension)
        if known is not None:
            return known
        with write(self._db):
            self._keyring.put_secret(f"rotation/{engine}/{dimension}", Rotation.random(dimension).to_bytes())
        return self._rotation_for_enrolment(engine, dimension)
