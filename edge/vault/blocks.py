"""Objections and restrictions in the vault: raised once, lifted once, never edited."""

from datetime import datetime

from sqlite_utils import Database

from edge.domain.blocks import Asker, Objection, Restriction
from edge.domain.ids import ChildId
from edge.errors import VaultError
from edge.vault import records
from edge.vault.database import explained, write


class Blocks:
    """What keeps children from being matched, whatever their consents say."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def raise_objection(self, objection: Objection) -> None:
        """Record it, inside the caller's transaction; the schema destroys the child's templates."""
        self._db.conn.execute(
            "INSERT INTO objection (id, child, guardian, raised_at) VALUES (?, ?, ?, ?)",
            [
                objection.id,
                objection.child.value,
                objection.guardian_id,
                records.stamp(objection.raised_at),
            ],
        )

    def lift_objection(self, id_: str, now: datetime) -> None:
        """Whoever raised it takes it back. Raises VaultError for one that is not open."""
        self._lift("objection", id_, now)

    def restrict(self, restriction: Restriction) -> None:
        """From the next decision on the child is not matched; its templates stay. Raises VaultError."""
        with write(self._db) as sql:
            sql.execute(
                "INSERT INTO restriction (id, child, asked_by, raised_at) VALUES (?, ?, ?, ?)",
                [
                    restriction.id,
                    restriction.child.value,
                    restriction.asked_by.value,
                    records.stamp(restriction.raised_at),
                ],
            )

    def lift_restriction(self, id_: str, now: datetime) -> None:
        """A person looked, and the data may be used again. Raises VaultError for one that is not open."""
        self._lift("restriction", id_, now)

    def objections(self, child: ChildId) -> list[Objection]:
        """All of a child, lifted ones too, oldest first."""
        rows = self._rows("SELECT id, guardian, raised_at, lifted_at FROM objection", child)
        return [
            Objection(id_, child, guardian, records.moment(raised), records.maybe_moment(lifted))
            for id_, guardian, raised, lifted in rows
        ]

    def restrictions(self, child: ChildId) -> list[Restriction]:
        """All of a child, lifted ones too, oldest first."""
        rows = self._rows("SELECT id, asked_by, raised_at, lifted_at FROM restriction", child)
        return [
            Restriction(id_, child, Asker(asked_by), records.moment(raised), records.maybe_moment(lifted))
            for id_, asked_by, raised, lifted in rows
        ]

    def _rows(self, select: str, child: ChildId) -> list[tuple[str, str, str, str | None]]:
        with explained():
            return self._db.conn.execute(
                f"{select} WHERE child = ? ORDER BY raised_at, id", [child.value]
            ).fetchall()

    def _lift(self, table: str, id_: str, now: datetime) -> None:
        with write(self._db) as sql:
            lifted = sql.execute(
                f"UPDATE {table} SET lifted_at = max(?, raised_at) WHERE id = ? AND lifted_at IS NULL",  # noqa: S608 - two fixed names
                [records.stamp(now), id_],
            ).rowcount
        if not lifted:
            raise VaultError(
                f"there is no open {table} of this id", "See which are open: qaqpa-kiosk enroll status"
            )
