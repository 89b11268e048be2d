"""Hashes of staff's PINs, each sealed under the member's own key."""

from sqlite_utils import Database

from edge.domain.ids import ChildId
from edge.vault.database import explained, snapshot, write
from edge.vault.keyring import Keyring, about
from edge.vault.seal import seal, unseal


class Pins:
    """Who of the staff may act at a gate. A hash is the PHC string of `edge.credentials.pin`."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    def put(self, member: ChildId, hashed: str) -> None:
        """Set or replace a PIN. Raises VaultError for anybody but staff on the roster."""
        with write(self._db):
            self.put_again(member, hashed)

    def put_again(self, member: ChildId, hashed: str) -> None:
        """The same inside the caller's transaction, after the member got another key."""
        sealed = seal(self._keyring.dek(member), hashed.encode(), about("staff_pin", member.value))
        self._db.conn.execute(
            "INSERT INTO staff_pin VALUES (?, ?) ON CONFLICT (child) DO UPDATE SET sealed = excluded.sealed",
            [member.value, sealed],
        )

    def hash_of(self, member: ChildId) -> str | None:
        """The hash of a member's PIN, or None for who has none."""
        with snapshot(self._db) as sql:
            row = sql.execute("SELECT sealed FROM staff_pin WHERE child = ?", [member.value]).fetchone()
            if row is None:
                return None
            return unseal(self._keyring.dek(member), row[0], about("staff_pin", member.value)).decode()

    def revoke(self, member: ChildId) -> bool:
        """Take a member's PIN away; false if there was none."""
        with write(self._db) as sql:
            return sql.execute("DELETE FROM staff_pin WHERE child = ?", [member.value]).rowcount > 0

    def revoke_all(self) -> int:
        """Take every PIN away; returns how many there were."""
        with write(self._db) as sql:
            return sql.execute("DELETE FROM staff_pin").rowcount

    def holders(self) -> frozenset[ChildId]:
        """Everybody who has a PIN."""
        with explained():
            return frozenset(ChildId(row[0]) for row in self._db.conn.execute("SELECT child FROM staff_pin"))
