"""Guardians who were removed, in the vault; the schema empties their entry and ends their consents."""

from sqlite_utils import Database

from edge.domain.ids import ChildId
from edge.domain.removal import Removal, RemovalReason
from edge.vault import records
from edge.vault.database import explained


class Removals:
    """Who is a guardian no more; for as long as the child is on the roster, so that no import forgets it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, removal: Removal) -> None:
        """Remove a guardian, inside the caller's transaction."""
        self._db.conn.execute(
            "INSERT INTO removal (guardian, child, at, reason, staff, known_as) VALUES (?, ?, ?, ?, ?, ?)",
            [
                removal.guardian_id,
                removal.child.value,
                records.stamp(removal.at),
                removal.reason.value,
                removal.by,
                removal.known_as,
            ],
        )

    def of(self, child: ChildId) -> list[Removal]:
        """Everyone who was removed from a child, the oldest first."""
        with explained():
            rows = self._db.conn.execute(
                "SELECT guardian, at, reason, staff, known_as FROM removal"
                " WHERE child = ? ORDER BY at, guardian",
                [child.value],
            ).fetchall()
        return [
            Removal(guardian, child, records.moment(at), RemovalReason(reason), by, known_as)
            for guardian, at, reason, by, known_as in rows
        ]
