"""Each child's data key and the few secrets of the device, all wrapped by the device key."""

from sqlite_utils import Database

from edge.domain.ids import ChildId
from edge.errors import VaultDamaged, VaultError
from edge.vault.database import snapshot
from edge.vault.device_key import PLAIN, DeviceKey, Renewal
from edge.vault.seal import seal, unseal


def about(*parts: str) -> bytes:
    """Associated data: what a sealed record is, so that rows cannot be swapped. Version 1 of the format."""
    return "\x1f".join(("qaqpa-v1", *parts)).encode()


def unknown_child() -> VaultError:
    """The error for a child that is not on the roster."""
    return VaultError("this child is not on the roster", "Import the roster first: qaqpa-kiosk enroll roster")


class Keyring:
    """Wraps and unwraps keys with the KEK of the state that its connection sees at that moment."""

    def __init__(self, db: Database, device: DeviceKey) -> None:
        self._db = db
        self._device = device

    def wrap(self, child: ChildId, dek: bytes) -> bytes:
        """Seal a child's data key for its row."""
        return seal(self._device.kek(self._db), dek, about("dek", child.value))

    def unwrap(self, child: ChildId, wrapped: bytes) -> bytes:
        """Open a child's data key. Raises Tampered."""
        return unseal(self._device.kek(self._db), wrapped, about("dek", child.value))

    def dek(self, child: ChildId) -> bytes:
        """The data key of a child on the roster. Raises VaultError for any other."""
        with snapshot(self._db) as sql:
            row = sql.execute("SELECT wrapped_key FROM child WHERE id = ?", [child.value]).fetchone()
            if row is None:
                raise unknown_child()
            return self.unwrap(child, row[0])

    def rewrap(self, renewal: Renewal) -> None:
        """Wrap every key and secret under a KEK that counts from then on, inside the caller's transaction."""
        sql, old = self._db.conn, self._device.kek(self._db)
        children = sql.execute("SELECT id, wrapped_key FROM child").fetchall()
        sql.executemany(
            "UPDATE child SET wrapped_key = ? WHERE id = ?",
            ((_rewrapped(old, renewal.kek, key, about("dek", id_)), id_) for id_, key in children),
        )
        secrets = sql.execute("SELECT name, value FROM meta").fetchall()
        sql.executemany(
            "UPDATE meta SET value = ? WHERE name = ?",
            (
                (_rewrapped(old, renewal.kek, value, about("secret", name)), name)
                for name, value in secrets
                if name not in PLAIN
            ),
        )
        renewal.write(self._db)

    def put_secret(self, name: str, plain: bytes) -> None:
        """Store a secret of the device inside the caller's transaction; the first one stays."""
        self._db.conn.execute(
            "INSERT OR IGNORE INTO meta VALUES (?, ?)",
            [name, seal(self._device.kek(self._db), plain, about("secret", name))],
        )

    def replace_secret(self, name: str, plain: bytes) -> None:
        """Store another value under a name, inside the caller's transaction."""
        self._db.conn.execute("DELETE FROM meta WHERE name = ?", [name])
        self.put_secret(name, plain)

    def secret(self, name: str) -> bytes | None:
        """A secret of the device, or None."""
        with snapshot(self._db) as sql:
            row = sql.execute("SELECT value FROM meta WHERE name = ?", [name]).fetchone()
            return unseal(self._device.kek(self._db), row[0], about("secret", name)) if row else None

    def required_secret(self, name: str) -> bytes:
        """A secret that every vault has. Raises VaultDamaged."""
        secret = self.secret(name)
        if secret is None:
            raise VaultDamaged(f"the vault has no {name}", "Restore a backup")
        return secret


def _rewrapped(old: bytes, new: bytes, wrapped: bytes, what: bytes) -> bytes:
    return seal(new, unseal(old, wrapped, what), what)
