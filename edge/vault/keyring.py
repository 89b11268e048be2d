"""Each child's data key and the few secrets of the device, all wrapped by the device key."""

from sqlite_utils import Database

from edge.domain.ids import ChildId
from edge.errors import VaultDamaged, VaultError
from edge.vault.database import explained
from edge.vault.seal import seal, unseal


def about(*parts: str) -> bytes:
    """Associated data: what a sealed record is, so that rows cannot be swapped. Version 1 of the format."""
    return "\x1f".join(("qaqpa-v1", *parts)).encode()


def unknown_child() -> VaultError:
    """The error for a child that is not on the roster."""
    return VaultError("this child is not on the roster", "Import the roster first: qaqpa-kiosk enroll roster")


class Keyring:
    """Wraps and unwraps keys with the KEK, which lives only in this object."""

    def __init__(self, db: Database, kek: bytes) -> None:
        self._db = db
        self._kek = kek

    def use(self, kek: bytes) -> None:
        """Go on with another device key."""
        self._kek = kek

    def wrap(self, child: ChildId, dek: bytes) -> bytes:
        """Seal a child's data key for its row."""
        return seal(self._kek, dek, about("dek", child.value))

    def unwrap(self, child: ChildId, wrapped: bytes) -> bytes:
        """Open a child's data key. Raises Tampered."""
        return unseal(self._kek, wrapped, about("dek", child.value))

    def dek(self, child: ChildId) -> bytes:
        """The data key of a child on the roster. Raises VaultError for any other."""
        with explained():
            row = self._db.conn.execute(
                "SELECT wrapped_key FROM child WHERE id = ?", [child.value]
            ).fetchone()
        if row is None:
            raise unknown_child()
        return self.unwrap(child, row[0])

    def rekey(self, kek: bytes) -> None:
        """Wrap every key and secret under a new device key, inside the caller's transaction.

        This keyring goes on with the old key until `use`, so that a failed transaction changes nothing.
        """
        sql, new = self._db.conn, Keyring(self._db, kek)
        for id_, wrapped in sql.execute("SELECT id, wrapped_key FROM child").fetchall():
            child = ChildId(id_)
            rewrapped = new.wrap(child, self.unwrap(child, wrapped))
            sql.execute("UPDATE child SET wrapped_key = ? WHERE id = ?", [rewrapped, id_])
        for name in self._secret_names():
            new.replace_secret(name, self.required_secret(name))

    def _secret_names(self) -> list[str]:
        rows = self._db.conn.execute("SELECT name FROM meta WHERE name NOT IN ('salt', 'key_check')")
        return [row[0] for row in rows.fetchall()]

    def put_secret(self, name: str, plain: bytes) -> None:
        """Store a secret of the device inside the caller's transaction; the first one stays."""
        self._db.conn.execute(
            "INSERT OR IGNORE INTO meta VALUES (?, ?)", [name, seal(self._kek, plain, about("secret", name))]
        )

    def replace_secret(self, name: str, plain: bytes) -> None:
        """Store another value under a name, inside the caller's transaction."""
        self._db.conn.execute("DELETE FROM meta WHERE name = ?", [name])
        self.put_secret(name, plain)

    def secret(self, name: str) -> bytes | None:
        """A secret of the device, or None."""
        with explained():
            row = self._db.conn.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
        return unseal(self._kek, row[0], about("secret", name)) if row else None

    def required_secret(self, name: str) -> bytes:
        """A secret that every vault has. Raises VaultDamaged."""
        secret = self.secret(name)
        if secret is None:
            raise VaultDamaged(f"the vault has no {name}", "Restore a backup")
        return secret
