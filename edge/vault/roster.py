"""The school's people and the guardians in the vault, each sealed under the own key of pupil or staff."""

from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from edge.domain.ids import ChildId
from edge.domain.people import Child, Guardian
from edge.errors import VaultError
from edge.vault import records
from edge.vault.database import explained, snapshot, write
from edge.vault.keyring import Keyring, about, unknown_child
from edge.vault.seal import new_key, seal, unseal

_PUT_GUARDIAN = (
    "INSERT INTO guardian VALUES (:id, :child, :sealed)"
    " ON CONFLICT (id, child) DO UPDATE SET sealed = excluded.sealed"
)


class Roster:
    """Who goes to this school."""

    def __init__(self, db: Database, keyring: Keyring) -> None:
        self._db = db
        self._keyring = keyring

    def put(self, child: Child, guardians: list[Guardian]) -> None:
        """Add a child with its guardians, or replace the roster fields of a known one.

        Raises VaultError for a role that changes, for anyone but staff who would answer for himself, and for
        another IIN than the known one. What is left empty stays as it was known.
        """
        with write(self._db) as sql:
            self._write(*self.checked(child, guardians))
            sql.execute("UPDATE child SET left_at = NULL WHERE id = ?", [child.id.value])

    def checked(self, child: Child, guardians: list[Guardian]) -> tuple[Child, list[Guardian]]:
        """These entries with what is known of IIN and birth. Raises VaultError for an IIN that differs."""
        known = self.child(child.id)
        if known is None:
            return child, guardians
        before = {guardian.id: guardian for guardian in self.guardians(child.id)}
        iin = _same_iin("iin", known.iin, child.iin)
        return replace(child, iin=iin, born=child.born or known.born), [
            _as_known(before[guardian.id], guardian) if guardian.id in before else guardian
            for guardian in guardians
        ]

    def rectify(self, child: Child, guardians: list[Guardian]) -> None:
        """Replace what is wrong, an IIN too: for a request that somebody has looked into."""
        if self.child(child.id) is None:
            raise unknown_child()
        with write(self._db):
            self._write(child, guardians)

    def _write(self, child: Child, guardians: list[Guardian]) -> None:
        sql = self._db.conn
        row = sql.execute("SELECT wrapped_key FROM child WHERE id = ?", [child.id.value]).fetchone()
        dek = self._keyring.unwrap(child.id, row[0]) if row else new_key()
        sql.execute(
            "INSERT INTO child (id, wrapped_key, sealed, role) VALUES (:id, :wrapped, :sealed, :role)"
            " ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, role = excluded.role",
            {
                "id": child.id.value,
                "wrapped": self._keyring.wrap(child.id, dek),
                "sealed": _seal_child(dek, child),
                "role": child.role.value,
            },
        )
        for guardian in guardians:
            sql.execute(_PUT_GUARDIAN, _guardian_row(dek, guardian))

    def add_guardian(self, guardian: Guardian) -> None:
        """Add a guardian to a child on the roster; one who was removed comes back, without any consent."""
        with write(self._db) as sql:
            sql.execute(
                "DELETE FROM removal WHERE guardian = ? AND child = ?", [guardian.id, guardian.child.value]
            )
            sql.execute(_PUT_GUARDIAN, _guardian_row(self._keyring.dek(guardian.child), guardian))

    def child(self, child: ChildId) -> Child | None:
        """The roster entry, or None for an unknown child."""
        with snapshot(self._db) as sql:
            row = sql.execute(
                "SELECT wrapped_key, sealed, role FROM child WHERE id = ?", [child.value]
            ).fetchone()
            if row is None:
                return None
            plain = unseal(self._keyring.unwrap(child, row[0]), row[1], about("child", child.value))
        return records.child_from_bytes(child, row[2], plain)

    def all(self) -> list[ChildId]:
        """Everyone on the roster."""
        with explained():
            return [ChildId(row[0]) for row in self._db.conn.execute("SELECT id FROM child ORDER BY id")]

    def mark_left(self, child: ChildId, now: datetime) -> None:
        """This person goes to the school no more; an import of the roster with it takes that back."""
        with write(self._db) as sql:
            found = sql.execute(
                "UPDATE child SET left_at = coalesce(left_at, ?) WHERE id = ?",
                [records.stamp(now), child.value],
            ).rowcount
        if not found:
            raise unknown_child()

    def left(self) -> frozenset[ChildId]:
        """Everyone who left and is not erased yet."""
        with explained():
            rows = self._db.conn.execute("SELECT id FROM child WHERE left_at IS NOT NULL").fetchall()
        return frozenset(ChildId(row[0]) for row in rows)

    def guardians(self, child: ChildId) -> list[Guardian]:
        """The guardians of one child; whoever was removed is none."""
        with snapshot(self._db) as sql:
            dek = self._keyring.dek(child)
            rows = sql.execute(
                "SELECT id, sealed FROM guardian WHERE child = ? AND sealed <> x'' ORDER BY id", [child.value]
            ).fetchall()
        return [
            records.guardian_from_bytes(id_, child, unseal(dek, sealed, about("guardian", id_, child.value)))
            for id_, sealed in rows
        ]

    def mark_look_alikes(self, one: ChildId, two: ChildId) -> None:
        """Twins, or two who look alike: from now on a face is not enough for either. Raises VaultError."""
        first, second = sorted((one, two))
        if first == second:
            raise VaultError("a child cannot be its own look-alike", "Name two different children")
        with write(self._db) as sql:
            sql.execute("INSERT OR IGNORE INTO look_alike VALUES (?, ?)", [first.value, second.value])

    def look_alikes(self) -> frozenset[ChildId]:
        """Every child that is in such a pair."""
        with explained():
            rows = self._db.conn.execute("SELECT child FROM look_alike UNION SELECT other FROM look_alike")
            return frozenset(ChildId(row[0]) for row in rows)

    def reseal(self, child: ChildId) -> None:
        """Replace a child's key and re-seal its roster fields, inside the caller's transaction."""
        entry, guardians = self.child(child), self.guardians(child)
        if entry is None:
            raise unknown_child()
        fresh = new_key()
        self._db.conn.execute(
            "UPDATE child SET wrapped_key = ?, sealed = ? WHERE id = ?",
            [self._keyring.wrap(child, fresh), _seal_child(fresh, entry), child.value],
        )
        for guardian in guardians:
            self._db.conn.execute(
                "UPDATE guardian SET sealed = :sealed WHERE id = :id AND child = :child",
                _guardian_row(fresh, guardian),
            )


def _as_known(known: Guardian, guardian: Guardian) -> Guardian:
    iin = _same_iin("guardian_iin", known.iin, guardian.iin)
    try:
        told = replace(guardian, iin=iin)
    except ValueError as error:
        raise VaultError(str(error), "Mend that line of the roster, or leave the date out") from None
    return told if told.birthday else replace(told, born=known.born)


def _same_iin(field: str, known: str, told: str) -> str:
    if known and told and known != told:
        raise VaultError(
            f"{field}: another IIN is known for this person already",
            "If the known one is wrong, a guardian asks for it: qaqpa-kiosk rights rectify",
        )
    return told or known


def _seal_child(dek: bytes, child: Child) -> bytes:
    return seal(dek, records.child_to_bytes(child), about("child", child.id.value))


def _guardian_row(dek: bytes, guardian: Guardian) -> dict[str, str | bytes]:
    sealed = seal(
        dek, records.guardian_to_bytes(guardian), about("guardian", guardian.id, guardian.child.value)
    )
    return {"id": guardian.id, "child": guardian.child.value, "sealed": sealed}
