"""The vault's passes, cards and visitors: one live credential of a kind, and no card number anywhere."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from edge.credentials.qr_pass import QrPass, verify
from edge.domain.credentials import CredentialKind, Holder, HolderKind, Refusal
from edge.domain.ids import ChildId
from edge.errors import VaultError
from edge.vault.keys import FileKey, write_new_key
from edge.vault.schema import MIGRATIONS
from edge.vault.vault import Vault
from tests.builders import NOW, child, child_id, enrolled, guardian
from tests.unit.credentials.made import ENDS, SCHOOL, pupil

CARD = bytes.fromhex("bc614e")
STRANGER = Holder(HolderKind.CHILD, ChildId("f" * 32))


@pytest.fixture
def vault(vault: Vault) -> Vault:
    for number in (1, 2):
        vault.roster.put(child(number), [guardian(number)])
    return vault


def bytes_on_disk(vault: Vault) -> bytes:
    return b"".join(file.read_bytes() for file in vault.path.parent.glob("vault.db*"))


def test_an_issued_pass_is_signed_by_the_vaults_own_key(vault: Vault) -> None:
    held = vault.credentials.issue_pass(pupil(), ENDS, NOW)
    key = vault.credentials.pass_verifier()
    assert key is not None
    said = verify(vault.credentials.pass_text(held, SCHOOL), key, SCHOOL, NOW)
    assert said == QrPass(SCHOOL, child_id(1), 1, ENDS)


def test_a_pass_can_be_printed_again_and_is_the_same(vault: Vault, key: FileKey) -> None:
    text = vault.credentials.pass_text(vault.credentials.issue_pass(pupil(), ENDS, NOW), SCHOOL)
    with Vault.open(vault.path, key, now=NOW) as again:
        held = again.credentials.live(child_id(1), CredentialKind.QR)
        assert held is not None
        assert again.credentials.pass_text(held, SCHOOL) == text


def test_a_new_issue_number_ends_the_older_ones_and_no_other_kind(vault: Vault) -> None:
    vault.credentials.add_card(pupil(), CARD, NOW)
    for issue in (1, 2, 3):
        assert vault.credentials.issue_pass(pupil(), ENDS, NOW + timedelta(hours=issue)).issue == issue
    assert [_refusal(vault, issue) for issue in (1, 2, 3)] == [Refusal.REVOKED, Refusal.REVOKED, None]
    assert vault.credentials.live(child_id(1), CredentialKind.CARD) is not None


def test_a_clock_set_back_between_two_issues_still_ends_the_older(vault: Vault) -> None:
    vault.credentials.issue_pass(pupil(), ENDS, NOW)
    vault.credentials.issue_pass(pupil(), ENDS, NOW - timedelta(days=365))
    assert _refusal(vault, 1) is Refusal.REVOKED
    assert vault.credentials.revoke(child_id(1), NOW - timedelta(days=800)) == 1
    assert _refusal(vault, 2) is Refusal.REVOKED


def test_revoking_one_kind_leaves_the_other(vault: Vault) -> None:
    vault.credentials.issue_pass(pupil(), ENDS, NOW)
    vault.credentials.add_card(pupil(), CARD, NOW)
    assert vault.credentials.revoke(child_id(1), NOW, CredentialKind.CARD) == 1
    assert _refusal(vault, 1) is None
    assert vault.credentials.revoke(child_id(1), NOW) == 1
    assert vault.credentials.revoke(child_id(1), NOW) == 0


def test_a_cards_number_stands_nowhere_and_its_hash_is_of_this_vault_only(
    vault: Vault, tmp_path: Path
) -> None:
    number = b"a number of nine"
    vault.credentials.add_card(pupil(), number, NOW)
    assert number not in bytes_on_disk(vault)
    assert (held := vault.credentials.card(number)) is not None
    assert held.holder == pupil()
    write_new_key(tmp_path / "other.key")
    with Vault.create(tmp_path / "o.db", FileKey(provider="file", key_file=tmp_path / "other.key")) as other:
        other.roster.put(child(), [])
        assert other.credentials.card(number) is None
        other.credentials.add_card(pupil(), number, NOW)
        assert _hash(other) != _hash(vault)


def test_one_card_has_one_holder(vault: Vault) -> None:
    vault.credentials.add_card(pupil(1), CARD, NOW)
    with pytest.raises(VaultError, match="belongs to somebody else"):
        vault.credentials.add_card(pupil(2), CARD, NOW)
    with pytest.raises(VaultError, match="already"):
        vault.credentials.add_card(pupil(1), CARD, NOW)
    vault.credentials.revoke(child_id(1), NOW)
    vault.credentials.add_card(pupil(2), CARD, NOW + timedelta(seconds=1))
    held = vault.credentials.card(CARD)
    assert held is not None
    assert held.holder == pupil(2)


def test_a_second_card_replaces_the_first(vault: Vault) -> None:
    vault.credentials.add_card(pupil(), CARD, NOW)
    vault.credentials.add_card(pupil(), b"\x02", NOW)
    held = vault.credentials.card(CARD)
    assert held is not None
    assert held.refusal(NOW) is Refusal.REVOKED


def test_nobody_off_the_roster_holds_anything(vault: Vault) -> None:
    with pytest.raises(VaultError, match="not on the roster"):
        vault.credentials.issue_pass(STRANGER, ENDS, NOW)
    with pytest.raises(VaultError, match="not on the roster"):
        vault.credentials.add_card(STRANGER, CARD, NOW)
    assert vault.credentials.card(CARD) is None


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE credential SET revoked_at = NULL WHERE issue = 1", "only revoked, and once"),
        ("UPDATE credential SET expires_at = '2099' WHERE issue = 2", "only revoked, and once"),
        ("UPDATE credential SET child = NULL, visitor = child", "only revoked, and once"),
        (
            "INSERT INTO credential (kind, child, issue, issued_at, expires_at)"
            " SELECT kind, child, 1, issued_at, expires_at FROM credential WHERE issue = 2",
            "used once, in order",
        ),
    ],
)
def test_even_raw_sql_cannot_bring_a_credential_back(vault: Vault, statement: str, told: str) -> None:
    vault.credentials.issue_pass(pupil(), ENDS, NOW)
    vault.credentials.issue_pass(pupil(), ENDS, NOW)
    with (
        closing(sqlite3.connect(vault.path)) as raw,
        pytest.raises(sqlite3.IntegrityError, match=told),
    ):
        raw.execute(statement)


def test_erasing_a_child_takes_its_credentials_and_withdrawing_consent_does_not(vault: Vault) -> None:
    enrolled(vault, 1)
    vault.credentials.issue_pass(pupil(), ENDS, NOW)
    vault.credentials.add_card(pupil(), CARD, NOW)
    vault.withdraw(child_id(1), NOW)
    assert _refusal(vault, 1) is None
    assert vault.credentials.card(CARD) is not None
    hashed = _hash(vault)
    vault.erase(child_id(1), NOW)
    assert vault.credentials.pass_(child_id(1), 1) is None
    assert vault.credentials.card(CARD) is None
    assert hashed not in bytes_on_disk(vault)


def test_passes_and_cards_survive_a_new_passphrase(vault: Vault, tmp_path: Path) -> None:
    text = vault.credentials.pass_text(vault.credentials.issue_pass(pupil(), ENDS, NOW), SCHOOL)
    vault.credentials.add_card(pupil(), CARD, NOW)
    vault.visitors.add("plumber", ENDS)
    write_new_key(tmp_path / "next.key")
    vault.rekey(FileKey(provider="file", key_file=tmp_path / "next.key"))
    held = vault.credentials.live(child_id(1), CredentialKind.QR)
    assert held is not None
    assert vault.credentials.pass_text(held, SCHOOL) == text
    assert vault.credentials.card(CARD) is not None
    assert [visitor.label for visitor in vault.visitors.all()] == ["plumber"]


def test_a_visitors_label_is_sealed_and_gone_a_day_after_the_end(vault: Vault, key: FileKey) -> None:
    visitor = vault.visitors.add(" Су құбыры шебері ", NOW + timedelta(hours=3))
    held = vault.credentials.issue_pass(visitor.holder, visitor.ends, NOW)
    assert [each.label for each in vault.visitors.all()] == ["Су құбыры шебері"]
    assert "шебері" not in repr(visitor)
    assert "шебері".encode() not in bytes_on_disk(vault)
    assert vault.roster.all() == sorted((child_id(1), child_id(2)))
    for after, left in ((timedelta(hours=26), 1), (timedelta(hours=27), 0)):
        with Vault.open(vault.path, key, now=NOW + after, writable=True) as again:
            assert len(again.visitors.all()) == left
    assert vault.credentials.pass_(visitor.holder.id, held.issue) is None


def test_the_newest_moment_is_of_whatever_was_done_last(vault: Vault) -> None:
    assert vault.credentials.newest_moment() is None
    vault.credentials.issue_pass(pupil(), ENDS, NOW)
    assert vault.credentials.newest_moment() == NOW
    vault.credentials.revoke(child_id(1), NOW + timedelta(hours=1))
    assert vault.credentials.newest_moment() == NOW + timedelta(hours=1)


def test_a_vault_from_before_there_were_passes_gets_the_tables(vault: Vault, key: FileKey) -> None:
    with closing(sqlite3.connect(vault.path)) as raw, raw:
        raw.execute("DROP TABLE credential")
        raw.execute("DROP TABLE visitor")
        raw.execute("DELETE FROM _sqlite_migrations WHERE name = 'm004_credentials'")
    with pytest.raises(VaultError, match="older version"):
        Vault.open(vault.path, key, now=NOW)
    with Vault.open(vault.path, key, now=NOW, writable=True) as again:
        assert again.credentials.issue_pass(pupil(), ENDS, NOW).issue == 1
        assert not MIGRATIONS.pending(again._db)


def _refusal(vault: Vault, issue: int) -> Refusal | None:
    held = vault.credentials.pass_(child_id(1), issue)
    assert held is not None
    return held.refusal(NOW)


def _hash(vault: Vault) -> bytes:
    with closing(sqlite3.connect(vault.path)) as raw:
        (hashed,) = raw.execute("SELECT card_hash FROM credential WHERE kind = 'card'").fetchone()
    return bytes(hashed)
