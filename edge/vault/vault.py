"""The vault: roster, consents and sealed templates of one device. The only place that can open them."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_bytes
from types import TracebackType

from sqlite_utils import Database

from edge.domain.blocks import Objection
from edge.domain.ids import MIN_KEY_BYTES, ChildId
from edge.domain.retention import Due, Reason
from edge.errors import VaultDamaged, VaultError
from edge.policy.retention import ClockMark, Terms, jumped
from edge.policy.standing import History
from edge.vault import records
from edge.vault.blocks import Blocks
from edge.vault.breaches import Breaches
from edge.vault.consents import Consents
from edge.vault.credentials import Credentials
from edge.vault.database import connect, explained, snapshot, write
from edge.vault.disclosures import Disclosures
from edge.vault.editions import Editions
from edge.vault.keyring import Keyring, unknown_child
from edge.vault.keys import SALT_BYTES, KeyProvider
from edge.vault.pins import Pins
from edge.vault.renewal import renew_rotations
from edge.vault.retention import Retention
from edge.vault.roster import Roster
from edge.vault.seal import key_check, verify_key
from edge.vault.templates import Templates
from edge.vault.trends import Trends, TrendWriter
from edge.vault.visitors import Visitors
from edge.vault.wordings import Wordings


@dataclass(frozen=True, slots=True)
class Destruction:
    """What a withdrawal or an erasure destroyed."""

    child: ChildId
    templates: int
    consents: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Erased:
    """What keeping the terms destroyed: of who left, of templates, and how many other records."""

    left: tuple[Destruction, ...]
    retired: tuple[Destruction, ...]
    records: Mapping[Reason, int]


class Vault:
    """One open vault file. Time is always an argument."""

    def __init__(self, db: Database, keys: KeyProvider, kek: bytes, salt: bytes, path: Path) -> None:
        self.path = path
        self._db = db
        self._keys = keys
        self._salt = salt
        self._keyring = Keyring(db, kek)
        self.roster = Roster(db, self._keyring)
        self.consents = Consents(db)
        self.blocks = Blocks(db)
        self.templates = Templates(db, self._keyring)
        self.trends = Trends(db, self._keyring)
        self.credentials = Credentials(db, self._keyring)
        self.visitors = Visitors(db, self._keyring)
        self.pins = Pins(db, self._keyring)
        self.editions = Editions(db)
        self.wordings = Wordings(db)
        self.disclosures = Disclosures(db, self._keyring)
        self.breaches = Breaches(db, self._keyring)
        self.retention = Retention(db, self.trends)

    @classmethod
    def create(cls, path: Path, keys: KeyProvider, pseudonym_key: bytes | None = None) -> "Vault":
        """Make a new, empty vault; a second device gets the school's pseudonym key. Raises VaultError."""
        try:
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            raise VaultError(
                f"{path} exists already", "Choose another path; a vault is never overwritten"
            ) from None
        except OSError as error:
            raise VaultError(
                f"cannot create {path}: {error.strerror}", "Check the folder and its rights"
            ) from None
        try:
            salt = token_bytes(SALT_BYTES)
            kek = keys.kek(salt)
            vault = cls(connect(path, writable=True), keys, kek, salt, path)
            with write(vault._db) as sql:
                sql.execute("INSERT INTO meta VALUES ('salt', ?), ('key_check', ?)", [salt, key_check(kek)])
                vault._keyring.put_secret("pseudonym_key", pseudonym_key or token_bytes(MIN_KEY_BYTES))
                vault._keyring.put_secret("audit_key", token_bytes(MIN_KEY_BYTES))
        except BaseException:
            path.unlink()
            raise
        return vault

    @classmethod
    def open(cls, path: Path, keys: KeyProvider, *, now: datetime, writable: bool = False) -> "Vault":
        """Open a vault; a writer first removes templates whose consent has run out, and visitors long gone.

        Not so where the clock may have run away: then a person decides (`qaqpa-kiosk retention run`).
        Raises WrongKey for a wrong passphrase, VaultDamaged for a file that is no vault.
        """
        db = connect(path, writable=writable)
        try:
            salt, check = _key_facts(db)
            kek = keys.kek(salt)
            verify_key(kek, check)
            vault = cls(db, keys, kek, salt, path)
            mark = vault.retention.mark()
            if writable and not jumped(now, mark.at if mark else None):
                vault.templates.purge_expired(now)
                vault.visitors.purge_ended(now)
        except BaseException:
            db.close()
            raise
        return vault

    def close(self) -> None:
        """Close the file; the key goes with the object."""
        self._db.close()

    def __enter__(self) -> "Vault":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pseudonym_key(self) -> bytes:
        """The school's key for child pseudonyms; the hub needs the same."""
        return self._keyring.required_secret("pseudonym_key")

    @property
    def audit_key(self) -> bytes:
        """Key of the audit trail's chain."""
        return self._keyring.required_secret("audit_key")

    def generation(self) -> int:
        """A number that changes whenever what may be matched changes, in any process."""
        with explained():
            row = self._db.conn.execute("SELECT value FROM generation").fetchone()
        if row is None:
            raise VaultDamaged("the vault has no generation", "Restore a backup")
        return int(row[0])

    def trend_writer(self) -> TrendWriter:
        """What a reader of the vault may write: trends, and nothing else."""
        return TrendWriter(self.path, self._keyring)

    def rekey(self, keys: KeyProvider) -> None:
        """Change the device key: every child's key and every secret is wrapped anew, in one transaction."""
        salt = token_bytes(SALT_BYTES)
        kek = keys.kek(salt)
        with write(self._db) as sql:
            self._keyring.rekey(kek)
            for name, value in (("salt", salt), ("key_check", key_check(kek))):
                sql.execute("UPDATE meta SET value = ? WHERE name = ?", [value, name])
            sql.execute("UPDATE generation SET value = value + 1")
        self._keyring.use(kek)
        self._keys, self._salt = keys, salt
        self._empty_wal()

    def renew_templates(self) -> int:
        """Give every template a new rotation; returns how many. The pictures are not needed again."""
        with write(self._db) as sql:
            renewed = renew_rotations(self._db, self._keyring)
            sql.execute("UPDATE generation SET value = value + 1")
        self._empty_wal()
        return renewed

    def follow_key(self) -> None:
        """Notice that another process changed the device key. Raises WrongKey until its source has it too."""
        salt, check = _key_facts(self._db)
        if salt != self._salt:
            kek = self._keys.kek(salt)
            verify_key(kek, check)
            self._keyring.use(kek)
            self._salt = salt

    def withdraw(self, child: ChildId, now: datetime, *, guardian_id: str | None = None) -> Destruction:
        """End every consent of a child and destroy its templates with the key that sealed them.

        With `guardian_id` only what that guardian agreed to ends. The roster entry stays, under a new key:
        the child still comes to school, by card.
        """
        with write(self._db) as sql:
            self._change_key(child)
            templates = sql.execute("DELETE FROM template WHERE child = ?", [child.value]).rowcount
            consents = sql.execute(
                "UPDATE consent SET withdrawn_at = max(:now, given_at)"
                " WHERE child = :child AND withdrawn_at IS NULL AND guardian = coalesce(:guardian, guardian)",
                {"now": records.stamp(now), "child": child.value, "guardian": guardian_id},
            ).rowcount
        self._empty_wal()
        return Destruction(child, templates, consents, now)

    def object(self, objection: Objection) -> Destruction:
        """Record an objection; templates are destroyed with their key, consents stay on record.

        Raises VaultError for a guardian who is not on the roster.
        """
        child = objection.child
        with write(self._db) as sql:
            self._change_key(child)
            templates = sql.execute("DELETE FROM template WHERE child = ?", [child.value]).rowcount
            self.blocks.raise_objection(objection)
        self._empty_wal()
        return Destruction(child, templates, 0, objection.raised_at)

    def history(self, child: ChildId) -> History:
        """Everything said about a child, of one moment."""
        with snapshot(self._db):
            return History(
                tuple(self.consents.of(child)),
                tuple(self.blocks.objections(child)),
                tuple(self.blocks.restrictions(child)),
            )

    def erase(self, child: ChildId, now: datetime) -> Destruction:
        """Destroy the child's key, then every row about the child."""
        with write(self._db) as sql:
            destroyed = self._erase(sql, child, now)
        self._empty_wal()
        return destroyed

    def erase_due(self, due: Due, terms: Terms, mark: ClockMark) -> Erased:
        """Destroy what was found to be due, in one transaction: all of who left, templates with their key.

        Whoever came back to the roster meanwhile stays. The mark says that terms were kept now.
        """
        now = mark.at
        with write(self._db) as sql:
            left = [self._erase(sql, child, now) for child in sorted(due.left & self.roster.left())]
            retired = [self._retire(sql, child, list(ids), now) for child, ids in due.templates.items()]
            gone = self.retention.forget(terms, now)
            self.retention.put_mark(mark)
        self._empty_wal()
        return Erased(tuple(left), tuple(retired), gone)

    def _erase(self, sql: sqlite3.Connection, child: ChildId, now: datetime) -> Destruction:
        """Inside the caller's transaction."""
        destroyed = sql.execute(
            "UPDATE child SET wrapped_key = zeroblob(length(wrapped_key)) WHERE id = ?", [child.value]
        ).rowcount
        if not destroyed:
            raise unknown_child()
        templates = sql.execute("DELETE FROM template WHERE child = ?", [child.value]).rowcount
        consents = sql.execute("DELETE FROM consent WHERE child = ?", [child.value]).rowcount
        sql.execute("DELETE FROM child WHERE id = ?", [child.value])
        return Destruction(child, templates, consents, now)

    def _retire(
        self, sql: sqlite3.Connection, child: ChildId, templates: list[str], now: datetime
    ) -> Destruction:
        """Inside the caller's transaction: templates go, and with the last one the key that sealed them."""
        gone = sum(
            sql.execute("DELETE FROM template WHERE id = ? AND child = ?", [id_, child.value]).rowcount
            for id_ in templates
        )
        if gone and not self.templates.count(child):
            self._change_key(child)
        return Destruction(child, gone, 0, now)

    def _change_key(self, child: ChildId) -> None:
        """Give the child another key, and what stays its seal under it, inside the caller's transaction."""
        pin, told = self.pins.hash_of(child), self.disclosures.of(child)
        self.roster.reseal(child)
        if pin is not None:
            self.pins.put_again(child, pin)
        self.disclosures.put_again(told)

    def _empty_wal(self) -> None:
        """Old page images, the destroyed key among them, must not stay in the write-ahead log."""
        with explained():
            self._db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _key_facts(db: Database) -> tuple[bytes, bytes]:
    """Salt and key check of a vault file. Raises VaultDamaged."""
    with explained():
        meta = dict(db.conn.execute("SELECT name, value FROM meta WHERE name IN ('salt', 'key_check')"))
    if len(meta) < 2:
        raise VaultDamaged("the vault was never finished", "Remove it and run: qaqpa-kiosk init")
    return meta["salt"], meta["key_check"]
