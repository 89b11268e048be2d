"""A guardian who withdrew need not trust whoever holds an old copy of the vault."""

import gc
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from edge.audit import Head
from edge.domain.blocks import Objection
from edge.domain.credentials import Holder, HolderKind
from edge.domain.erasure import Destruction, ErasureReason
from edge.domain.ids import Slug
from edge.errors import Tampered, VaultError, WrongKey
from edge.match.live import LiveGallery
from edge.match.score import Verdict
from edge.receipt import verify_receipt
from edge.vault.database import write
from edge.vault.device_key import Renewal
from edge.vault.keys import FileKey, PassphraseKey
from edge.vault.seal import new_key
from edge.vault.slots import PAGE, Slots
from edge.vault.templates import Template
from edge.vault.vault import Vault
from edge.vision.face import Metric
from tests.builders import (
    DIMENSION,
    ENGINE,
    NOW,
    STRICT,
    child,
    child_id,
    enrolled,
    guardian,
    put_member,
    unit_vector,
)

SCHOOL, HEAD = Slug("school-7"), Head(12, "ab" * 32)


def destroy(vault: Vault, how: str) -> Destruction:
    if how == "object":
        return vault.object(Objection(uuid4().hex, child_id(1), "g-1", NOW))
    return vault.erase(child_id(1), NOW) if how == "erase" else vault.withdraw(child_id(1), NOW)


def copied(vault: Vault, folder: Path) -> Path:
    """All files of the vault but the slot, as a backup would hold them."""
    folder.mkdir()
    for file in vault.path.parent.glob("vault.db*"):
        if file.suffix != ".slot":
            shutil.copy(file, folder)
    return folder / vault.path.name


@pytest.mark.parametrize("how", ["withdraw", "erase", "object"])
def test_a_copy_made_before_opens_with_nothing_that_is_left(
    vault: Vault, key: FileKey, tmp_path: Path, how: str
) -> None:
    """Not alone, and not with the passphrase and the slot that lies beside the vault now."""
    enrolled(vault, 1)
    enrolled(vault, 2)
    copy = copied(vault, tmp_path / "backup")
    slot = tmp_path / "vault.db.slot"
    shutil.copy(slot, copy.parent)
    Vault.open(copy, key, now=NOW).close()
    destroy(vault, how)
    (copy.parent / slot.name).unlink()
    for beside in (None, slot):
        if beside is not None:
            shutil.copy(beside, copy.parent)
        with pytest.raises(VaultError, match="does not belong to this state"):
            Vault.open(copy, key, now=NOW)
    with Vault.open(vault.path, key, now=NOW) as again:
        assert again.roster.child(child_id(2)) == child(2)
        assert len(again.templates.live(ENGINE, NOW)) == 2


def test_the_slot_is_overwritten_in_its_place_and_its_file_is_the_owners_alone(
    vault: Vault, tmp_path: Path
) -> None:
    enrolled(vault)
    file = tmp_path / "vault.db.slot"
    assert file.stat().st_mode & 0o777 == 0o600
    (before,) = Slots(file).held()
    place = file.read_bytes().index(before)
    vault.withdraw(child_id(1), NOW)
    (after,) = Slots(file).held()
    assert file.read_bytes()[place : place + len(before)] == bytes(len(before))
    assert file.read_bytes().index(after) == PAGE - place
    assert after != before


def test_a_wrong_passphrase_is_still_told_from_a_copy_that_is_too_old(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "other.key").write_bytes(new_key())
    with pytest.raises(WrongKey):
        Vault.open(vault.path, FileKey(provider="file", key_file=tmp_path / "other.key"), now=NOW)
    (tmp_path / "vault.db.slot").unlink()
    with pytest.raises(VaultError, match="does not belong") as told:
        Vault.open(vault.path, FileKey(provider="file", key_file=tmp_path / "device.key"), now=NOW)
    assert not isinstance(told.value, WrongKey)


def test_a_running_gate_and_an_open_kiosk_follow_an_erasure(vault: Vault, key: FileKey) -> None:
    """The gate matches the others at once; a kiosk that was open seals the next child under the new key."""
    enrolled(vault, 1)
    enrolled(vault, 2)
    with (
        Vault.open(vault.path, key, now=NOW) as gate,
        Vault.open(vault.path, key, now=NOW, writable=True) as kiosk,
    ):
        gallery = LiveGallery(gate, ENGINE, DIMENSION, Metric.COSINE)
        assert gallery.search(unit_vector(1), STRICT, NOW).child == child_id(1)
        vault.erase(child_id(1), NOW)
        enrolled(kiosk, 3)
        assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.NO_MATCH
        assert gallery.search(unit_vector(2), STRICT, NOW).child == child_id(2)
        assert gallery.search(unit_vector(3), STRICT, NOW).child == child_id(3)
        trends = gate.trend_writer()
        trends.write(ENGINE, {}, STRICT.least)
        trends.write(ENGINE, {child_id(2): [0.9]}, STRICT.least)
    with Vault.open(vault.path, key, now=NOW) as again:
        assert again.roster.child(child_id(3)) == child(3)


def test_argon2_runs_once_however_many_children_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("four words nobody guesses")
    asked: list[bytes] = []
    derive = PassphraseKey.kek

    def counted(self: PassphraseKey, salt: bytes) -> bytes:
        asked.append(salt)
        return derive(self, salt)

    monkeypatch.setattr(PassphraseKey, "kek", counted)
    provider = PassphraseKey(provider="passphrase", passphrase_file=secret)
    with Vault.create(tmp_path / "v.db", provider) as vault:
        enrolled(vault, 2)
        for number in (1, 3, 4):
            vault.roster.put(child(number), [guardian(number)])
            vault.erase(child_id(number), NOW)
        assert vault.roster.child(child_id(2)) == child(2)
    assert len(asked) == 1


def test_a_vault_of_before_the_slot_opens_and_gets_one(vault: Vault, key: FileKey, tmp_path: Path) -> None:
    """Such a vault is made here as it was: wrapped by the provider's key alone."""
    enrolled(vault, 1)
    enrolled(vault, 2)
    _without_slot(vault, key)
    vault.close()
    slot = tmp_path / "vault.db.slot"
    with Vault.open(vault.path, key, now=NOW) as gate:
        assert gate.roster.child(child_id(1)) == child(1)
        with Vault.open(vault.path, key, now=NOW, writable=True) as kiosk:
            assert len(Slots(slot).held()) == 1
            assert len(gate.templates.live(ENGINE, NOW)) == 4
            shutil.copy(vault.path, tmp_path / "copy.db")
            kiosk.erase(child_id(1), NOW)
    shutil.copy(slot, tmp_path / "copy.db.slot")
    with pytest.raises(VaultError, match="does not belong"):
        Vault.open(tmp_path / "copy.db", key, now=NOW)


def _without_slot(vault: Vault, key: FileKey) -> None:

    plain = key.kek(b"")
    with write(vault._db) as sql:
        vault._keyring.rewrap(Renewal(plain, b"0" * 16, plain))
        sql.execute("DELETE FROM meta WHERE name IN ('provider_check', 'device_signing_key')")
    Slots.beside(vault.path).path.unlink()


def test_a_slot_without_its_vault_is_never_overwritten(vault: Vault, key: FileKey) -> None:
    vault.close()
    vault.path.rename(vault.path.with_name("away.db"))
    with pytest.raises(VaultError, match="a vault that is not there any more"):
        Vault.create(vault.path, key)
    vault.path.with_name("away.db").rename(vault.path)
    Vault.open(vault.path, key, now=NOW).close()


def test_no_table_keeps_a_row_about_an_erased_child_but_the_record_of_it(vault: Vault) -> None:
    """Also tables that are added later: every column that could name a child is looked at."""
    enrolled(vault, 1)
    vault.roster.put(child(2), [guardian(2)])
    vault.roster.mark_look_alikes(child_id(1), child_id(2))
    vault.credentials.issue_pass(Holder(HolderKind.CHILD, child_id(1)), NOW + timedelta(days=9), NOW)
    vault.object(Objection(uuid4().hex, child_id(1), "g-1", NOW))
    done = vault.erase(child_id(1), NOW)
    assert dict(done.destroyed) == {
        "child_key": 1, "child": 1, "guardian": 1, "consent": 1, "credential": 1, "look_alike": 1,
        "objection": 1,
    }  # fmt: skip
    with closing(sqlite3.connect(vault.path)) as raw:
        for (table,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            rows = raw.execute(f"SELECT * FROM {table}").fetchall()
            held = [row for row in rows if child_id(1).value in row]
            assert len(held) == (2 if table == "erasure" else 0), table


def test_each_kind_of_destruction_is_counted_and_certified(vault: Vault, key: FileKey) -> None:
    enrolled(vault, 1)
    enrolled(vault, 2, templates=3)
    withdrawn = vault.withdraw(child_id(1), NOW)
    assert (withdrawn.templates, withdrawn.consents, withdrawn.gone) == (2, 1, NOW)
    later = NOW + timedelta(days=301)
    with Vault.open(vault.path, key, now=later, writable=True) as again:
        (ran_out,) = again.erasures.uncertified()[1:]
        assert (ran_out.reason, ran_out.child) == (ErasureReason.RETENTION, child_id(2))
        assert (ran_out.templates, ran_out.gone) == (3, later)
        receipt = again.certify(ran_out.number, SCHOOL, HEAD)
        assert again.certify(ran_out.number, SCHOOL, Head(99, "cd" * 32)) == receipt
        told = verify_receipt(receipt, again.signer().public_key())
    assert told["destroyed"] == {"child_key": 1, "template": 3}
    assert (told["audit_records"], told["school"], told["child"]) == (12, "school-7", child_id(2).value)
    for secret in ("Aisha", "Saule", "S-2", "+7701"):
        assert secret not in receipt.decode()


def test_nothing_is_certified_while_a_reader_keeps_the_old_log_alive(
    vault: Vault, key: FileKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old slot goes only once the log is empty; the next opening finishes it."""
    monkeypatch.setattr("edge.vault.database._BUSY_SECONDS", 0.05)
    enrolled(vault)
    reader = sqlite3.connect(vault.path, isolation_level=None)
    with Vault.open(vault.path, key, now=NOW, writable=True) as kiosk:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM child").fetchone()
        done = kiosk.erase(child_id(1), NOW)
        assert done.gone is None
        with pytest.raises(VaultError, match="still holds what was before"):
            kiosk.certify(done.number, SCHOOL, HEAD)
    reader.close()
    with Vault.open(vault.path, key, now=NOW, writable=True) as again:
        assert again.erasures.numbered(done.number).gone == NOW
        assert again.certify(done.number, SCHOOL, HEAD)


def test_a_receipt_does_not_verify_with_any_byte_changed_or_with_another_devices_key(
    vault: Vault, key: FileKey, tmp_path: Path
) -> None:
    enrolled(vault)
    receipt = vault.certify(vault.erase(child_id(1), NOW).number, SCHOOL, HEAD)
    public = vault.signer().public_key()
    assert verify_receipt(receipt, public)["number"] == 1
    for place in range(len(receipt)):
        changed = bytearray(receipt)
        changed[place] ^= 1
        with pytest.raises(Tampered):
            verify_receipt(bytes(changed), public)
    for other in (b"", b"[]", b"{}", b"null", receipt + b" ", json.dumps(json.loads(receipt)).encode()):
        with pytest.raises(Tampered):
            verify_receipt(other, public)
    with Vault.create(tmp_path / "other.db", key) as elsewhere:
        other_public = elsewhere.signer().public_key()
    with pytest.raises(Tampered, match="another device"):
        verify_receipt(receipt, other_public)


def test_the_record_of_an_erasure_cannot_be_changed_or_removed(vault: Vault) -> None:
    enrolled(vault)
    vault.certify(vault.withdraw(child_id(1), NOW).number, SCHOOL, HEAD)
    with closing(sqlite3.connect(vault.path, isolation_level=None)) as raw:
        for change in (
            "DELETE FROM erasure",
            "UPDATE erasure SET destroyed = '{}'",
            "UPDATE erasure SET receipt = x'00'",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="erasure"):
                raw.execute(change)


def test_staff_keep_their_pin_when_they_object(vault: Vault) -> None:
    member = put_member(vault, pin="493817")
    before = vault.pins.hash_of(member)
    vault.object(Objection(uuid4().hex, member, None, NOW))
    assert vault.pins.hash_of(member) == before


def test_after_a_rebuild_no_plain_template_and_no_childs_key_stays_in_memory(
    vault: Vault, key: FileKey
) -> None:
    """Python cannot overwrite what it frees; what must not happen is that an object still holds it."""

    enrolled(vault)
    dek = vault._keyring.dek(child_id(1))
    with Vault.open(vault.path, key, now=NOW) as gate:
        gallery = LiveGallery(gate, ENGINE, DIMENSION, Metric.COSINE)
        gallery.refresh(NOW)
        gc.collect()
        held = gc.get_objects()
        assert not [each for each in held if type(each) is Template]
        kept = [value for each in held if type(each) is dict for value in each.values()]
        assert not [value for value in kept if type(value) is bytes and value == dek]
