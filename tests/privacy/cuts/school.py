"""A school of four in one folder, what staff do there when it is cut off, and what must hold after it."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from edge.checkpoints import beside, inspect
from edge.domain.erasure import ErasureReason
from edge.domain.removal import RemovalReason
from edge.errors import VaultError
from edge.receipt import verify_receipt
from edge.vault.keys import FileKey, write_new_key
from edge.vault.slots import Slots
from edge.vault.vault import Vault
from enrollment.desk import Desk
from enrollment.guardian_desk import GuardianDesk
from enrollment.opening import opened
from enrollment.settings import KioskSettings
from tests.builders import ENGINE, KEY, NOW, child_id, enrolled, guardian

DAY = NOW + timedelta(days=1)
"""Of the acts: the first record of a day writes a checkpoint too."""
LATER = DAY + timedelta(hours=1)
ERASED, WITHDRAWN, STAYS, ORPHANED = child_id(1), child_id(2), child_id(3), child_id(4)
CHANGED = ERASED, WITHDRAWN, ORPHANED
_ORPHANS = (
    "SELECT count(*) FROM template t LEFT JOIN consent c ON c.id = t.consent"
    " WHERE c.id IS NULL OR c.withdrawn_at IS NOT NULL"
)


def settings(folder: Path, key: Path) -> KioskSettings:
    """A kiosk whose every file lies in this folder; the key lies elsewhere."""
    return KioskSettings.model_validate(
        {
            "school": "school-7",
            "audit": folder / "audit.jsonl",
            "vault": {"path": folder / "vault.db", "key": {"provider": "file", "key_file": key}},
            "operator": {"name": "School 7", "bin": "230840002814"},
        }
    )


def prepare(folder: Path, key: Path) -> None:
    """Four children with consents and templates."""
    write_new_key(key)
    with Vault.create(folder / "vault.db", FileKey(provider="file", key_file=key), KEY) as vault:
        for number in (1, 2, 3, 4):
            enrolled(vault, number)
    with opened(settings(folder, key), NOW) as (_, audit):
        audit.record(NOW, "roster_imported", people=4)


def act(folder: Path, key: Path, told: int) -> None:
    """Erase one child, withdraw another, remove the guardian of a third.

    A byte into the pipe `told` after each, as staff are told.
    """
    kiosk = settings(folder, key)
    with opened(kiosk, DAY) as (vault, audit):
        desk = Desk(vault, audit, kiosk)
        desk.erase("S-1", DAY)
        os.write(told, b"e")
        desk.withdraw("S-2", DAY)
        os.write(told, b"w")
        name, why = guardian(4).full_name, RemovalReason.RIGHTS_ENDED
        GuardianDesk(vault, audit, kiosk).remove(["S-4"], name, why, DAY)
        os.write(told, b"g")


def broken_promises(folder: Path, key: Path, earlier: Path, told: int) -> list[str]:
    """What does not hold after the cut, first on the disk as it is, then when the kiosk is used again."""
    return [*_on_disk(folder, earlier), *_after_restart(folder, key, earlier, told)]


def _on_disk(folder: Path, earlier: Path) -> Iterator[str]:
    """A receipt that was signed must be true already."""
    copy = folder.with_name(folder.name + "-looked-at")
    shutil.copytree(folder, copy)
    with closing(sqlite3.connect(copy / "vault.db")) as raw:
        receipts = raw.execute("SELECT pseudonym, reason FROM erasure WHERE receipt IS NOT NULL").fetchall()
        for pseudonym, reason in receipts:
            table, column = ("child", "id") if reason == "erasure" else ("template", "child")
            left = raw.execute(f"SELECT count(*) FROM {table} WHERE {column} = ?", [pseudonym]).fetchone()[0]
            if left:
                yield f"a receipt says {reason}, and {left} rows of {table} are there"
    if receipts and set(_slots(folder)) & set(_slots(earlier)):
        yield "a receipt was signed while the slot of earlier copies was there"
    shutil.rmtree(copy)


def _after_restart(folder: Path, key: Path, earlier: Path, told: int) -> Iterator[str]:
    with opened(settings(folder, key), LATER) as (vault, _):
        counts = {
            table: vault._db.conn.execute(f"SELECT count(*) FROM {table} WHERE child = ?", [ERASED.value])
            for table in ("guardian", "consent", "template")
        }
        held = [cursor.fetchone()[0] for cursor in counts.values()]
        there = vault.roster.child(ERASED) is not None
        if held != ([1, 1, 2] if there else [0, 0, 0]):
            yield f"the erased child is half there: {there}, {held}"
        if there and told >= 1:
            yield "staff were told of the erasure, and the child is back"
        if vault.templates.count(WITHDRAWN) and told >= 2:
            yield "staff were told of the withdrawal, and templates are back"
        yield from _guardian(vault, told)
        if vault._db.conn.execute(_ORPHANS).fetchone()[0]:
            yield "a template stands without a consent"
        live = [template.consent.child for template in vault.templates.live(ENGINE, LATER)]
        if live.count(STAYS) != 2 or vault.roster.child(STAYS) is None:
            yield "the child who stays lost something"
        yield from _certificates(vault, there)
        if len(_slots(folder)) != 1:
            yield "the slot of earlier copies is still there"
        yield from _trail(folder, vault)
        changed = any(vault.erasures.of(child) for child in CHANGED)
    if changed:
        yield from _copy(folder, key, earlier)


def _guardian(vault: Vault, told: int) -> Iterator[str]:
    """Wholly removed, with consent and templates, or not at all."""
    (consent,) = vault.consents.of(ORPHANED)
    left = {
        bool(vault.roster.guardians(ORPHANED)),
        consent.withdrawn_at is None,
        bool(vault.templates.count(ORPHANED)),
        not vault.removals.of(ORPHANED),
        not vault.erasures.of(ORPHANED),
    }
    if len(left) != 1:
        yield "a guardian is half removed"
    if True in left and told >= 3:
        yield "staff were told of the removal, and the guardian is back"


def _certificates(vault: Vault, there: bool) -> Iterator[str]:
    done = {each.reason: each for child in CHANGED for each in vault.erasures.of(child)}
    if (ErasureReason.ERASURE in done) == there:
        yield "the list of erasures is not what happened"
    if (ErasureReason.WITHDRAWAL in done) != (vault.templates.count(WITHDRAWN) == 0):
        yield "the list of withdrawals is not what happened"
    for each in done.values():
        receipt = vault.erasures.receipt(each.number)
        if each.gone is None or receipt is None:
            yield "an erasure has no receipt after the restart"
        else:
            verify_receipt(receipt, vault.signer().public_key())


def _trail(folder: Path, vault: Vault) -> Iterator[str]:
    file = folder / "audit.jsonl"
    inspect(file, beside(file), vault.audit_key, vault.signer().public_key())
    trail = file.read_text()
    for child in CHANGED:
        if vault.erasures.of(child) and child.value not in trail:
            yield "an erasure is not in the audit trail"


def _copy(folder: Path, key: Path, earlier: Path) -> Iterator[str]:
    """The copy made before, with the key and with everything that lies beside the vault now."""
    copy = folder.with_name(folder.name + "-copy")
    shutil.copytree(folder, copy)
    for name in ("vault.db-wal", "vault.db-shm"):
        (copy / name).unlink(missing_ok=True)
    shutil.copy(earlier / "vault.db", copy / "vault.db")
    try:
        Vault.open(copy / "vault.db", FileKey(provider="file", key_file=key), now=LATER).close()
        yield "a copy made before opens"
    except VaultError:
        pass
    shutil.rmtree(copy)


def _slots(folder: Path) -> list[bytes]:
    return Slots.beside(folder / "vault.db").held()
