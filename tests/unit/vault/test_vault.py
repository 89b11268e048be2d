"""The vault keeps what it must, forgets what it must, and says clearly when it cannot."""

import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from edge.errors import Tampered, VaultBusy, VaultDamaged, VaultError, WrongKey
from edge.match.live import LiveGallery
from edge.vault.keys import FileKey, PassphraseKey, write_new_key
from edge.vault.vault import Vault
from edge.vision.face import Metric
from tests.builders import (
    DIMENSION,
    ENGINE,
    NOW,
    STRICT,
    child,
    child_id,
    consent,
    enrolled,
    guardian,
    unit_vector,
)


def reopen(vault: Vault, key: FileKey, writable: bool = False) -> Vault:
    return Vault.open(vault.path, key, now=NOW, writable=writable)


def test_roster_and_consent_come_back_whole(vault: Vault, key: FileKey) -> None:
    enrolled(vault)
    with reopen(vault, key) as again:
        assert again.roster.child(child_id(1)) == child()
        assert again.roster.guardians(child_id(1)) == [guardian()]
        assert again.consents.of(child_id(1)) == [consent()]
        assert len(again.templates.live(ENGINE, NOW)) == 2


def test_importing_the_roster_twice_keeps_one_child_and_its_templates(vault: Vault) -> None:
    enrolled(vault)
    vault.roster.put(child(), [guardian()])
    assert vault.roster.all() == [child_id(1)]
    assert len(vault.templates.live(ENGINE, NOW)) == 2


def test_stored_vectors_are_rotated_and_their_similarities_are_not_changed(vault: Vault) -> None:
    enrolled(vault, 1, templates=1)
    enrolled(vault, 2, templates=1)
    rotation = vault.templates.rotation(ENGINE, 128)
    assert rotation is not None
    stored = {t.consent.child: t.vector for t in vault.templates.live(ENGINE, NOW)}
    first, second = stored[child_id(1)], stored[child_id(2)]
    assert abs(float(first @ unit_vector(1))) < 0.5
    assert float(first @ second) == pytest.approx(float(unit_vector(1) @ unit_vector(2)), abs=1e-5)
    np.testing.assert_allclose(first, rotation.apply(unit_vector(1)), atol=1e-6)


def test_a_wrong_passphrase_is_told_from_tampering(tmp_path: Path) -> None:
    secret, wrong = tmp_path / "p", tmp_path / "w"
    secret.write_text("қақпа the gate")
    wrong.write_text("қақпа the gatw")
    path = tmp_path / "v.db"
    Vault.create(path, PassphraseKey(provider="passphrase", passphrase_file=secret)).close()
    with pytest.raises(WrongKey, match="does not open this vault"):
        Vault.open(path, PassphraseKey(provider="passphrase", passphrase_file=wrong), now=NOW)
    Vault.open(path, PassphraseKey(provider="passphrase", passphrase_file=secret), now=NOW).close()


def test_another_devices_key_file_does_not_open_the_vault(vault: Vault, tmp_path: Path) -> None:
    write_new_key(tmp_path / "other.key")
    with pytest.raises(WrongKey):
        reopen(vault, FileKey(provider="file", key_file=tmp_path / "other.key"))


@pytest.mark.parametrize("table", ["child", "guardian", "template"])
def test_a_changed_byte_in_any_sealed_record_is_tampering(vault: Vault, key: FileKey, table: str) -> None:
    enrolled(vault)
    with sqlite3.connect(vault.path) as raw:
        row, blob = raw.execute(f"SELECT rowid, sealed FROM {table}").fetchone()
        raw.execute(
            f"UPDATE {table} SET sealed = ? WHERE rowid = ?", [blob[:-1] + bytes([blob[-1] ^ 1]), row]
        )
    raw.close()
    with reopen(vault, key) as again, pytest.raises(Tampered):
        again.roster.child(child_id(1))
        again.roster.guardians(child_id(1))
        again.templates.live(ENGINE, NOW)


def test_a_template_moved_to_another_child_does_not_open(vault: Vault) -> None:
    enrolled(vault, 1, templates=1)
    enrolled(vault, 2, templates=1)
    with sqlite3.connect(vault.path) as raw:
        (stolen,) = raw.execute("SELECT sealed FROM template WHERE child = ?", [child_id(1).value]).fetchone()
        raw.execute("UPDATE template SET sealed = ? WHERE child = ?", [stolen, child_id(2).value])
    raw.close()
    with pytest.raises(Tampered):
        vault.templates.live(ENGINE, NOW)


def test_withdrawal_keeps_the_child_on_the_roster_under_a_new_key(vault: Vault) -> None:
    enrolled(vault)
    before = vault._keyring.dek(child_id(1))
    destroyed = vault.withdraw(child_id(1), NOW)
    assert (destroyed.templates, destroyed.consents) == (2, 1)
    assert vault._keyring.dek(child_id(1)) != before
    assert vault.roster.child(child_id(1)) == child()
    assert vault.roster.guardians(child_id(1)) == [guardian()]
    assert vault.consents.of(child_id(1))[0].withdrawn_at == NOW


def test_erasing_leaves_no_row_about_the_child(vault: Vault) -> None:
    enrolled(vault, 1)
    enrolled(vault, 2)
    vault.erase(child_id(1), NOW)
    assert vault.roster.all() == [child_id(2)]
    with sqlite3.connect(vault.path) as raw:
        for table in ("guardian", "consent", "template"):
            rows = raw.execute(f"SELECT count(*) FROM {table} WHERE child = ?", [child_id(1).value])
            assert rows.fetchone() == (0,)
    raw.close()
    with pytest.raises(VaultError, match="not on the roster"):
        vault.erase(child_id(1), NOW)


def test_a_child_without_guardian_record_cannot_get_a_consent(vault: Vault) -> None:
    vault.roster.put(child(), [])
    with pytest.raises(VaultError, match="guardian"):
        vault.consents.add(consent())
    assert vault.consents.of(child_id(1)) == []


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path, key: FileKey) -> None:
    path = tmp_path / "vault.db"
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(VaultDamaged, match="damaged"):
        Vault.open(path, key, now=NOW)


def test_a_database_damaged_in_the_middle_is_called_damaged(vault: Vault, key: FileKey) -> None:
    for number in range(40):
        enrolled(vault, number)
    vault.close()
    content = bytearray(vault.path.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 64] = b"\xff" * 64
    vault.path.write_bytes(content)
    with pytest.raises(VaultDamaged), Vault.open(vault.path, key, now=NOW) as again:
        again.templates.live(ENGINE, NOW)


def test_a_missing_vault_says_how_to_make_one(tmp_path: Path, key: FileKey) -> None:
    with pytest.raises(VaultError, match="qaqpa-kiosk init"):
        Vault.open(tmp_path / "none.db", key, now=NOW)


def test_an_existing_vault_is_never_overwritten(vault: Vault, key: FileKey) -> None:
    with pytest.raises(VaultError, match="never overwritten"):
        Vault.create(vault.path, key)


def test_a_locked_vault_says_wait(vault: Vault, key: FileKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.vault.database._BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(vault.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(VaultBusy, match="try again"):
        reopen(vault, key, writable=True)
    with reopen(vault, key) as reader:
        assert reader.roster.all() == []
    holder.close()


def test_the_gates_connection_cannot_write(vault: Vault, key: FileKey) -> None:
    enrolled(vault)
    with reopen(vault, key) as reader, pytest.raises(VaultError, match="only read"):
        reader.erase(child_id(1), NOW)
    assert vault.roster.all() == [child_id(1)]


def test_a_full_disk_refuses_the_child_and_keeps_the_others(vault: Vault) -> None:
    enrolled(vault, 1)
    pages = vault._db.conn.execute("PRAGMA page_count").fetchone()[0]
    vault._db.conn.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(VaultError, match="Free space"):
        for number in range(2, 400):
            enrolled(vault, number)
    vault._db.conn.execute("PRAGMA max_page_count = 1073741823")
    known = vault.roster.all()
    assert child_id(1) in known
    enrolled(vault, 1000)
    assert len(vault.roster.all()) == len(known) + 1


def test_a_reader_sees_another_process_withdraw(vault: Vault, key: FileKey) -> None:
    enrolled(vault)
    with reopen(vault, key) as reader:
        before = reader.generation()
        code = (
            "import sys; from datetime import UTC, datetime; from pathlib import Path\n"
            "from edge.domain.ids import ChildId; from edge.vault.keys import FileKey\n"
            "from edge.vault.vault import Vault\n"
            "key = FileKey(provider='file', key_file=Path(sys.argv[2]))\n"
            "now = datetime(2026, 9, 1, 4, tzinfo=UTC)\n"
            "with Vault.open(Path(sys.argv[1]), key, now=now, writable=True) as vault:\n"
            "    vault.withdraw(ChildId(sys.argv[3]), now)\n"
        )
        subprocess.run(
            [sys.executable, "-c", code, vault.path, key.key_file, child_id(1).value], check=True, timeout=60
        )
        assert reader.generation() > before
        assert reader.templates.live(ENGINE, NOW) == []


def test_a_consent_that_ran_out_takes_its_templates_with_it(vault: Vault, key: FileKey) -> None:
    enrolled(vault)
    later = NOW + timedelta(days=301)
    assert vault.templates.live(ENGINE, later) == []
    assert vault.templates.count(child_id(1)) == 2
    Vault.open(vault.path, key, now=later, writable=True).close()
    assert vault.templates.count(child_id(1)) == 0


def test_a_new_passphrase_opens_everything_and_the_old_one_nothing(tmp_path: Path) -> None:
    def passphrase(text: str) -> PassphraseKey:
        path = tmp_path / text.replace(" ", "-")
        path.write_text(text)
        return PassphraseKey(provider="passphrase", passphrase_file=path)

    old, new = passphrase("the old words"), passphrase("the new words")
    with Vault.create(tmp_path / "v.db", old) as vault:
        enrolled(vault)
        before = vault.pseudonym_key
        vault.rekey(new)
        assert vault.roster.child(child_id(1)) == child()
    with pytest.raises(WrongKey):
        Vault.open(tmp_path / "v.db", old, now=NOW)
    with Vault.open(tmp_path / "v.db", new, now=NOW) as again:
        assert again.pseudonym_key == before
        assert len(again.templates.live(ENGINE, NOW)) == 2
        assert again.roster.guardians(child_id(1)) == [guardian()]


def test_a_running_gate_follows_a_changed_key_and_matches_nobody_until_it_has_it(
    vault: Vault, key: FileKey, tmp_path: Path
) -> None:
    enrolled(vault)
    write_new_key(tmp_path / "next.key")
    with reopen(vault, key) as gates_view:
        gallery = LiveGallery(gates_view, ENGINE, DIMENSION, Metric.COSINE)
        assert gallery.search(unit_vector(1), STRICT, NOW).child == child_id(1)
        vault.rekey(FileKey(provider="file", key_file=tmp_path / "next.key"))
        with pytest.raises(WrongKey):
            gallery.search(unit_vector(1), STRICT, NOW)
        assert len(gallery) == 0
        (tmp_path / "next.key").replace(key.key_file)
        assert gallery.search(unit_vector(1), STRICT, NOW).child == child_id(1)


def test_a_failure_in_the_middle_of_a_key_change_leaves_the_old_key(
    vault: Vault, key: FileKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(vault)
    write_new_key(tmp_path / "next.key")

    def fail(_: bytes) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr("edge.vault.device_key.key_check", fail)
    with pytest.raises(KeyboardInterrupt):
        vault.rekey(FileKey(provider="file", key_file=tmp_path / "next.key"))
    assert vault.roster.child(child_id(1)) == child()
    with reopen(vault, key) as again:
        assert len(again.templates.live(ENGINE, NOW)) == 2
