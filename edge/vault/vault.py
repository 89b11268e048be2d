"""The vault: roster, consents and sealed templates of one device. The only place that can open them."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from secrets import token_bytes
from types import TracebackType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlite_utils import Database

from edge.audit import AuditTrail, Head
from edge.checkpoints import open_trail
from edge.domain.blocks import Objection
from edge.domain.erasure import Destruction, ErasureReason
from edge.domain.ids import MIN_KEY_BYTES, ChildId, Slug
from edge.domain.removal import Removal
from edge.domain.retention import Due, Reason
from edge.errors import VaultBusy, VaultDamaged, VaultError
from edge.file_identity import identity
from edge.policy.retention import ClockMark, Terms, jumped
from edge.policy.standing import History, standing
from edge.receipt import render
from edge.vault import records
from edge.vault.blocks import Blocks
from edge.vault.breaches import Breaches
from edge.vault.consents import Consents
from edge.vault.credentials import Credentials
from edge.vault.database import connect, explained, snapshot, write
from edge.vault.device_key import DeviceKey
from edge.vault.disclosures import Disclosures
from edge.vault.editions import Editions
from edge.vault.erasures import Erasures
from edge.vault.keyring import Keyring, unknown_child
from edge.vault.keys import SALT_BYTES, KeyProvider
from edge.vault.pins import Pins
from edge.vault.removals import Removals
from edge.vault.renewal import renew_rotations
from edge.vault.requests import Requests
from edge.vault.retention import Retention
from edge.vault.roster import Roster
from edge.vault.seal import KEY_BYTES
from edge.vault.slots import Slots
from edge.vault.templates import Templates
from edge.vault.trail_ends import AUDIT_KEY, TrailEnds, TrailEndWriter
from edge.vault.trends import Trends, TrendWriter
from edge.vault.visitors import Visitors
from edge.vault.wordings import Wordings

SIGNING_KEY = "device_signing_key"


@dataclass(frozen=True, slots=True)
class Erased:
    """What keeping the terms destroyed: of who left, of templates, and how many other records."""

    left: tuple[Destruction, ...]
    retired: tuple[Destruction, ...]
    records: Mapping[Reason, int]


class Vault:
    """One open vault file. Time is always an argument."""

    def __init__(self, db: Database, device: DeviceKey, path: Path) -> None:
        self.path = path
        self._file = identity(path)
        self._db = db
        self._device = device
        self._keyring = Keyring(db, device)
        self.roster = Roster(db, self._keyring)
        self.consents = Consents(db)
        self.blocks = Blocks(db)
        self.removals = Removals(db)
        self.templates = Templates(db, self._keyring)
        self.trends = Trends(db, self._keyring)
        self.credentials = Credentials(db, self._keyring)
        self.visitors = Visitors(db, self._keyring)
        self.pins = Pins(db, self._keyring)
        self.erasures = Erasures(db)
        self.requests = Requests(db, self._keyring)
        self.editions = Editions(db)
        self.wordings = Wordings(db)
        self.disclosures = Disclosures(db, self._keyring)
        self.breaches = Breaches(db, self._keyring)
        self.retention = Retention(db, self.trends)
        self.trail_ends = TrailEnds(db, self._keyring)

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
        slots = Slots.beside(path)
        try:
            slots.create()
        except BaseException:
            path.unlink()
            raise
        try:
            return cls._filled(path, DeviceKey(keys, slots), pseudonym_key)
        except BaseException:
            path.unlink()
            slots.path.unlink()
            raise

    @classmethod
    def _filled(cls, path: Path, device: DeviceKey, pseudonym_key: bytes | None) -> "Vault":
        db = connect(path, writable=True)
        try:
            vault = cls(db, device, path)
            with write(db):
                device.first(token_bytes(SALT_BYTES)).write(db)
                vault._keyring.put_secret("pseudonym_key", pseudonym_key or token_bytes(MIN_KEY_BYTES))
                vault._keyring.put_secret(AUDIT_KEY, token_bytes(MIN_KEY_BYTES))
                vault._keyring.put_secret(SIGNING_KEY, token_bytes(KEY_BYTES))
        except BaseException:
            db.close()
            raise
        return vault

    @classmethod
    def open(cls, path: Path, keys: KeyProvider, *, now: datetime, writable: bool = False) -> "Vault":
        """Open a vault; a writer first finishes a destruction that was cut off, and does what is overdue.

        Overdue are templates whose consent has run out, and visitors long gone; where the clock may have run
        away a person decides about them (`qaqpa-kiosk retention run`). Raises WrongKey for a wrong
        passphrase, VaultDamaged for a file that is no vault, VaultError for a copy from before an erasure.
        """
        db = connect(path, writable=writable)
        try:
            device = DeviceKey(keys, Slots.beside(path))
            device.kek(db)
            vault = cls(db, device, path)
            if writable:
                vault._catch_up(now)
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
        return self._keyring.required_secret(AUDIT_KEY)

    def generation(self) -> int:
        """A number that changes whenever what may be matched changes, in any process.

        Raises VaultError where the path names another file now: a withdrawal there would not be seen here.
        """
        if identity(self.path) != self._file:
            raise VaultError(
                "the vault was removed or replaced",
                "Put it back, or restart the gate with the one that is there",
            )
        with explained():
            row = self._db.conn.execute("SELECT value FROM generation").fetchone()
        if row is None:
            raise VaultDamaged("the vault has no generation", "Restore a backup")
        return int(row[0])

    def trend_writer(self) -> TrendWriter:
        """What a reader of the vault may write: trends, and nothing else."""
        return TrendWriter(self.path, self._keyring)

    def open_trail(self, path: Path, keep: Callable[[Head], None] | None = None) -> AuditTrail:
        """A trail of this device, which must not end before where the vault knows it ended. Raises Tampered.

        `keep` writes down where it ends from now on.
        """
        known = self.trail_ends.known(path)
        return open_trail(path, self.audit_key, self.signer(), known=known, keep=keep)

    def trail_end_writer(self) -> TrailEndWriter:
        """What a reader of the vault may write besides: where its audit trail ends."""
        return TrailEndWriter(self.path, self.audit_key)

    def signer(self) -> Ed25519PrivateKey:
        """The device's own signature, for receipts and checkpoints of audit trails."""
        return Ed25519PrivateKey.from_private_bytes(self._keyring.required_secret(SIGNING_KEY))

    def rekey(self, keys: KeyProvider) -> None:
        """Change the device key: every child's key and every secret is wrapped anew, in one transaction."""
        with write(self._db):
            self._keyring.rewrap(self._device.replaced(self._db, keys, token_bytes(SALT_BYTES)))
        self._device.use(keys)
        self._finish(None)

    def renew_templates(self) -> int:
        """Give every template a new rotation; returns how many. The pictures are not needed again."""
        with write(self._db):
            renewed = renew_rotations(self._db, self._keyring)
            self._keyring.rewrap(self._device.renewed(self._db))
        self._finish(None)
        return renewed

    def follow_key(self) -> None:
        """Notice that another process changed the device key. Raises WrongKey until its source has it too."""
        self._device.kek(self._db)

    def withdraw(self, child: ChildId, now: datetime, *, guardian_id: str | None = None) -> Destruction:
        """End every consent of a child and destroy its templates with the key that sealed them.

        With `guardian_id` only what that guardian agreed to ends. The roster entry stays, under a new key:
        the child still comes to school, by card.
        """

        def templates_and_consents(sql: sqlite3.Connection) -> None:
            self._give_new_key(child)
            sql.execute("DELETE FROM template WHERE child = ?", [child.value])
            sql.execute(
                "UPDATE consent SET withdrawn_at = max(:now, given_at)"
                " WHERE child = :child AND withdrawn_at IS NULL AND guardian = coalesce(:guardian, guardian)",
                {"now": records.stamp(now), "child": child.value, "guardian": guardian_id},
            )

        return self._destroy(child, ErasureReason.WITHDRAWAL, now, templates_and_consents)

    def object(self, objection: Objection) -> Destruction:
        """Record an objection; templates are destroyed with their key, consents stay on record.

        Raises VaultError for a guardian who is not on the roster.
        """
        child = objection.child

        def templates(sql: sqlite3.Connection) -> None:
            self._give_new_key(child)
            sql.execute("DELETE FROM template WHERE child = ?", [child.value])
            self.blocks.raise_objection(objection)

        return self._destroy(child, ErasureReason.OBJECTION, objection.raised_at, templates)

    def remove_guardian(self, removals: Sequence[Removal]) -> list[Destruction]:
        """Take a guardian off a child, or off several, all in one transaction.

        The entry is emptied and the consents end. Templates go on only under the consent of another guardian,
        if it stands; else they are destroyed with their key. What this guardian objected to stays so. Raises
        VaultError for one who is not on the roster or was removed already.
        """
        (now,) = {each.at for each in removals}
        acts = {each.child: partial(self._remove_guardian, removal=each) for each in removals}
        return self._destroy_together(acts, ErasureReason.GUARDIAN_REMOVED, now)

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

        return self._destroy(child, ErasureReason.ERASURE, now, lambda sql: _erase(sql, child))

    def erase_due(self, due: Due, terms: Terms, mark: ClockMark) -> Erased:
        """Destroy what was found to be due, in one transaction: all of who left, templates with their key.

        Whoever came back to the roster meanwhile stays. The mark says that terms were kept now.
        """
        with write(self._db) as sql:
            left, retired = [], []
            for child in sorted(due.left & self.roster.left()):
                with self.erasures.recorded(child, ErasureReason.RETENTION, mark.at):
                    _erase(sql, child)
                left.append(self.erasures.last())
            for child, templates in due.templates.items():
                with self.erasures.recorded(child, ErasureReason.RETENTION, mark.at):
                    self._retire_templates(sql, child, templates)
                retired.append(self.erasures.last())
            gone = self.retention.forget(terms, mark.at)
            self.retention.put_mark(mark)
            if left or retired:
                self._keyring.rewrap(self._device.renewed(self._db))
        with suppress(VaultError):  # what could not be finished is, at the next opening
            self._finish(mark.at)
        return Erased(
            tuple(self.erasures.numbered(number) for number in left),
            tuple(self.erasures.numbered(number) for number in retired),
            gone,
        )

    def certify(self, number: int, school: Slug, head: Head) -> bytes:
        """The signed receipt of an erasure, the same at every call. Raises VaultError for one not gone yet.

        `head`: where the audit trail ends that tells of this erasure.
        """
        with write(self._db):
            done = self.erasures.numbered(number)
            if done.gone is None:
                raise VaultError(
                    f"erasure {number} is done, but the vault's log still holds what was before",
                    "Wait until nobody reads the vault, then open it once: qaqpa-kiosk enroll status",
                )
            self.erasures.put_receipt(number, render(done, school, head, self.signer()))
            receipt = self.erasures.receipt(number)
        if receipt is None:
            raise VaultDamaged("the vault does not keep receipts", "Restore a backup")
        return receipt

    def certify_all(self, done: Iterable[Destruction], school: Slug, head: Head) -> None:
        """The receipts of many at once, of all that are gone for good."""
        with write(self._db):
            for each in done:
                if each.gone is not None:
                    self.erasures.put_receipt(each.number, render(each, school, head, self.signer()))

    def _destroy(
        self, child: ChildId, reason: ErasureReason, now: datetime, act: Callable[[sqlite3.Connection], None]
    ) -> Destruction:
        (done,) = self._destroy_together({child: act}, reason, now)
        return done

    def _destroy_together(
        self,
        acts: Mapping[ChildId, Callable[[sqlite3.Connection], None]],
        reason: ErasureReason,
        now: datetime,
    ) -> list[Destruction]:
        """One transaction that destroys, counts and puts a new slot in place; then the old slot goes too."""
        with write(self._db) as sql:
            numbers = []
            for child, act in acts.items():
                with self.erasures.recorded(child, reason, now):
                    act(sql)
                numbers.append(self.erasures.last())
            self._keyring.rewrap(self._device.renewed(self._db))
        # It is done, whatever comes now. What could not be finished is, at the next opening.
        with suppress(VaultError):
            self._finish(now)
        return [self.erasures.numbered(number) for number in numbers]

    def _remove_guardian(self, _: sqlite3.Connection, removal: Removal) -> None:
        """Inside the caller's transaction."""
        said = self.history(removal.child)
        others = [each for each in said.consents if each.guardian_id != removal.guardian_id]
        stays = standing(replace(said, consents=tuple(others)), removal.at).consent
        if stays is not None:
            self.templates.take_over(stays, removal.guardian_id, removal.at)
        self.removals.add(removal)
        if not self.templates.count(removal.child):
            self._give_new_key(removal.child)

    def _give_new_key(self, child: ChildId) -> None:
        """Replace a child's key; what stays of the child is sealed under the new one."""
        pin, texts = self.pins.hash_of(child), self.requests.texts(child)
        disclosures = self.disclosures.of(child)
        self.roster.reseal(child)
        if pin is not None:
            self.pins.put_again(child, pin)
        self.requests.put_again(child, texts)
        self.disclosures.put_again(disclosures)

    def _bring_up_to_date(self) -> None:
        """A vault of before the slot and the signing key gets both."""
        with write(self._db):
            if self._device.slotless(self._db):
                self._device.make_slots()
                self._keyring.rewrap(self._device.renewed(self._db))
            self._keyring.put_secret(SIGNING_KEY, token_bytes(KEY_BYTES))

    def _finish(self, now: datetime | None) -> bool:
        """Destroy what a committed destruction left: the log, then the slot of earlier copies.

        Only what was committed before the log was emptied is gone. False while another process reads.
        """
        waiting = [each.number for each in self.erasures.not_gone()]
        with explained():
            busy, _, _ = self._db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            return False
        with write(self._db):
            self._device.drop_old_slot(self._db)
            if now is not None:
                self.erasures.mark_gone(waiting, now)
        return True

    def _retire(self, now: datetime) -> None:
        """Delete templates that ran out; their key goes too, unless another consent still needs it."""
        with write(self._db):
            children = self.templates.run_out(now)  # asked here, for another process may just have done it
            for child in children:
                with self.erasures.recorded(child, ErasureReason.RETENTION, now):
                    self.templates.delete_run_out(child, now)
                    if not self.templates.count(child):
                        self._give_new_key(child)
            if children:
                self._keyring.rewrap(self._device.renewed(self._db))

    def _retire_templates(self, sql: sqlite3.Connection, child: ChildId, templates: Iterable[str]) -> None:
        """Inside the caller's transaction: templates go, and with the last one the key that sealed them."""
        sql.executemany(
            "DELETE FROM template WHERE id = ? AND child = ?", [(id_, child.value) for id_ in templates]
        )
        if not self.templates.count(child):
            self._give_new_key(child)

    def _catch_up(self, now: datetime) -> None:
        old = self._keyring.secret(SIGNING_KEY) is None
        if old:
            self._bring_up_to_date()
        mark = self.retention.mark()
        if not jumped(now, mark.at if mark else None):
            if self.templates.run_out(now):
                self._retire(now)
            self.visitors.purge_ended(now)
        if old or self._device.unfinished(self._db) or self.erasures.not_gone():
            with suppress(VaultBusy):  # whoever reads an old state now goes away; the next opening sees to it
                self._finish(now)


def _erase(sql: sqlite3.Connection, child: ChildId) -> None:
    """The key first, then every row, inside the caller's transaction."""
    destroyed = sql.execute(
        "UPDATE child SET wrapped_key = zeroblob(length(wrapped_key)) WHERE id = ?", [child.value]
    ).rowcount
    if not destroyed:
        raise unknown_child()
    sql.execute("DELETE FROM template WHERE child = ?", [child.value])
    sql.execute("DELETE FROM consent WHERE child = ?", [child.value])
    sql.execute("DELETE FROM child WHERE id = ?", [child.value])
