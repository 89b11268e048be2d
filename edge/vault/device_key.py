"""The device key (KEK) of a vault: what the provider gives and the slot beside the vault, together."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlite_utils import Database

from edge.errors import VaultDamaged, VaultError
from edge.vault.database import explained
from edge.vault.keys import KeyProvider
from edge.vault.seal import KEY_BYTES, key_check, opens, verify_key
from edge.vault.slots import Slots

PLAIN = ("salt", "key_check", "provider_check")
"""The names in the table `meta` that are no sealed secrets."""
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Facts:
    salt: bytes
    check: bytes
    provider_check: bytes | None
    """None in a vault of before the slot: there the provider's key is the KEK."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """A KEK that will count once the transaction that writes it is committed."""

    kek: bytes
    salt: bytes
    provider_key: bytes

    def write(self, db: Database) -> None:
        """Say in the vault that this KEK counts, inside the caller's transaction."""
        facts = {
            "salt": self.salt,
            "key_check": key_check(self.kek),
            "provider_check": key_check(self.provider_key),
        }
        for name, value in facts.items():
            db.conn.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [name, value],
            )
        db.conn.execute("UPDATE generation SET value = value + 1")


class DeviceKey:
    """Follows the vault: asked for the KEK, it notices that another process, or this one, renewed it.

    The provider's key is kept, so that Argon2id runs once and not at every destruction.
    """

    def __init__(self, keys: KeyProvider, slots: Slots) -> None:
        self._keys = keys
        self._slots = slots
        self._salt: bytes | None = None
        self._provider_key = b""
        self._check: bytes | None = None
        self._kek = b""
        self._slot: bytes | None = None

    def kek(self, db: Database) -> bytes:
        """The KEK of the state that `db` sees. Raises WrongKey; VaultError where the slot is another."""
        facts = _facts(db)
        if facts.check != self._check:
            self._follow(db, facts)
        return self._kek

    def slotless(self, db: Database) -> bool:
        """Whether this vault is of before the slot."""
        return _facts(db).provider_check is None

    def first(self, salt: bytes) -> Renewal:
        """The first KEK of a new vault, whose slot file holds nothing yet."""
        self._salt, self._provider_key = salt, self._keys.kek(salt)
        return Renewal(_derived(self._provider_key, self._slots.add(None)), salt, self._provider_key)

    def renewed(self, db: Database) -> Renewal:
        """The same provider's key with a new slot, which is durable now. Needs the vault's write lock."""
        self.kek(db)
        salt, slot = _facts(db).salt, self._slots.add(self._slot)
        return Renewal(_derived(self._provider_key, slot), salt, self._provider_key)

    def replaced(self, db: Database, keys: KeyProvider, salt: bytes) -> Renewal:
        """Another provider's key with a new slot. Needs the vault's write lock."""
        self.kek(db)
        provider_key = keys.kek(salt)
        return Renewal(_derived(provider_key, self._slots.add(self._slot)), salt, provider_key)

    def make_slots(self) -> None:
        """Give a vault of before the slot its file; one that a power cut left behind holds nothing yet."""
        if not self._slots.path.exists():
            self._slots.create()

    def unfinished(self, db: Database) -> bool:
        """Whether a slot is left that opens an earlier state, or one that never came to count."""
        self.kek(db)
        return self._slots.held() != [self._slot]

    def drop_old_slot(self, db: Database) -> None:
        """Overwrite the slot that does not count any more. Needs the vault's write lock."""
        self.kek(db)
        if self._slot is not None:
            self._slots.keep(self._slot)

    def use(self, keys: KeyProvider) -> None:
        """Ask this provider from now on."""
        self._keys = keys

    def _follow(self, db: Database, facts: _Facts) -> None:
        provider_key = self._provider_key if facts.salt == self._salt else self._keys.kek(facts.salt)
        if facts.provider_check is None:
            verify_key(provider_key, facts.check)
            slot, kek = None, provider_key
        else:
            verify_key(provider_key, facts.provider_check)
            slot, kek, facts = self._counting(db, provider_key, facts)
        self._salt, self._provider_key = facts.salt, provider_key
        self._slot, self._kek, self._check = slot, kek, facts.check

    def _counting(self, db: Database, provider_key: bytes, facts: _Facts) -> tuple[bytes, bytes, _Facts]:
        """Slot, KEK and the facts they fit. A slot can go while it is looked for: then there is a newer."""
        for _ in range(_TRIES):
            for slot in self._slots.held():
                kek = _derived(provider_key, slot)
                if opens(kek, facts.check):
                    return slot, kek, facts
            facts = _facts(db)
        raise VaultError(
            f"the slot {self._slots.path} does not belong to this state of the vault",
            "A copy from before an erasure never opens again: use the vault as it is now,"
            " or make a new one: qaqpa-kiosk init",
        )


def _derived(provider_key: bytes, slot: bytes) -> bytes:
    """HKDF with SHA-256 (RFC 5869); the slot is its salt."""
    return HKDF(SHA256(), KEY_BYTES, slot, b"qaqpa/kek/v1").derive(provider_key)


def _facts(db: Database) -> _Facts:
    """What the vault says of its key. Raises VaultDamaged."""
    with explained():
        meta = dict(
            db.conn.execute(
                "SELECT name, value FROM meta WHERE name IN ('salt', 'key_check', 'provider_check')"
            )
        )
    if "salt" not in meta or "key_check" not in meta:
        raise VaultDamaged("the vault was never finished", "Remove it and run: qaqpa-kiosk init")
    return _Facts(meta["salt"], meta["key_check"], meta.get("provider_check"))
