"""A guardian leaves with a receipt that anybody can check, and may read what happened to the record."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge.domain.ids import pseudonym
from tests.kiosk.test_kiosk import ROSTER, Kiosk
from tests.kiosk.test_passes import words_of
from tests.kiosk.test_rights import MOTHER


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    made.ok(*made.consent())
    made.ok("device-key", made.folder / "device.pem")
    return made


def verified(receipt: Path, key: Path) -> tuple[int, str]:
    """Elsewhere: a process of its own, without the vault, its key or a configuration."""
    line = [sys.executable, "-c", "from enrollment.cli import main; main()"]
    done = subprocess.run(
        [*line, "verify-receipt", str(receipt), "--key", str(key)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_a_withdrawal_and_an_erasure_each_leave_a_receipt_that_verifies_elsewhere(kiosk: Kiosk) -> None:
    told = kiosk.ok("enroll", "withdraw", "S-1")
    assert "Receipt for the guardian: receipt-school-7-1.json" in told
    kiosk.ok("enroll", "erase", "S-1", "--yes", "--receipt", kiosk.folder / "gone.json")
    elsewhere = kiosk.folder / "elsewhere"
    elsewhere.mkdir()
    for name in ("receipt-school-7-1.json", "gone.json", "device.pem"):
        (elsewhere / name).write_bytes((kiosk.folder / name).read_bytes())
    for name, reason in (("receipt-school-7-1.json", "withdrawal"), ("gone.json", "erasure")):
        code, said = verified(elsewhere / name, elsewhere / "device.pem")
        assert (code, f"({reason})" in said) == (0, True), said
    assert json.loads((elsewhere / "gone.json").read_text())["destroyed"]["guardian"] == 2
    for sheet in ("receipt-school-7-1.pdf", "gone.pdf"):
        assert (kiosk.folder / sheet).read_bytes().startswith(b"%PDF")
        assert (kiosk.folder / sheet).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["open", "withdrawal", "S-1", MOTHER], "withdrawal"),
        (["open", "objection", "S-1", "--child"], "objection"),
        (["erase", "S-1", "--yes"], "erasure"),
    ],
)
def test_whoever_asked_as_the_page_says_leaves_with_a_receipt_too(
    kiosk: Kiosk, words: list[str], reason: str
) -> None:
    kiosk.ok("rights", "open", "erasure", "S-1", "--child")
    told = kiosk.ok("rights", *words)
    assert "Receipt for the guardian: receipt-school-7-1.json" in told
    code, said = verified(kiosk.folder / "receipt-school-7-1.json", kiosk.folder / "device.pem")
    assert (code, f"({reason})" in said) == (0, True), said
    assert (kiosk.folder / "receipt-school-7-1.pdf").read_bytes().startswith(b"%PDF")
    assert kiosk.ok("receipt", "S-1", "--receipt", kiosk.folder / "again.json")


def test_a_receipt_that_cannot_be_is_refused_before_anything_is_done(kiosk: Kiosk) -> None:
    there = kiosk.folder / "device.pem"
    for words in (["open", "withdrawal", "S-1", MOTHER], ["erase", "S-1", "--yes"]):
        assert "exists already" in kiosk.complaint("rights", *words, "--receipt", there)
    asked = ("rights", "open", "access", "S-1", MOTHER, "--receipt", kiosk.folder / "r.json")
    assert "access destroys nothing" in kiosk.complaint(*asked)
    with kiosk.vault() as vault:
        assert vault.requests.all() == []
        assert vault.erasures.last() == 0


def test_a_changed_receipt_and_another_devices_key_are_refused_in_a_sentence(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    kiosk.ok("enroll", "withdraw", "S-1", "--receipt", kiosk.folder / "r.json")
    whole = (kiosk.folder / "r.json").read_text()
    (kiosk.folder / "r.json").write_text(whole.replace('"consent": 1', '"consent": 2').replace("1", "2", 1))
    code, said = verified(kiosk.folder / "r.json", kiosk.folder / "device.pem")
    assert (code, "changed after it was signed" in said) == (1, True), said
    (kiosk.folder / "r.json").write_text(whole)
    (tmp_path / "second").mkdir()
    other = Kiosk(tmp_path / "second")
    other.ok("init")
    other.ok("device-key", other.folder / "device.pem")
    code, said = verified(kiosk.folder / "r.json", other.folder / "device.pem")
    assert (code, "another device" in said) == (1, True), said
    code, said = verified(kiosk.folder / "r.json", kiosk.wording)
    assert (code, "no device's public key" in said) == (2, True), said


def test_a_receipt_alone_is_checked_against_a_key_that_is_named_in_the_answer(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    """At the kiosk, or with the key beside it; a key that was given counts alone, and no key is no answer."""
    elsewhere, second = tmp_path / "elsewhere", tmp_path / "second"
    for folder in (elsewhere, second):
        folder.mkdir()
    receipt, other = elsewhere / "r.json", Kiosk(second)
    other.ok("init")
    other.ok("device-key", second / "device.pem")
    kiosk.ok("enroll", "withdraw", "S-1", "--receipt", receipt)
    assert "Checked against the key of this device's own vault" in kiosk.ok("verify-receipt", receipt)
    assert "names another device" in other.complaint("verify-receipt", receipt)
    assert "another device" in kiosk.complaint("verify-receipt", receipt, "--key", second / "device.pem")
    (elsewhere / "device.pem").write_bytes((kiosk.folder / "device.pem").read_bytes())
    assert f"Checked against {elsewhere / 'device.pem'}" in other.ok("verify-receipt", receipt)
    (elsewhere / "device.pem").unlink()
    other.config.unlink()
    assert "no key is known" in other.complaint("verify-receipt", receipt)
    kiosk.ok("verify-receipt", receipt)
    receipt.write_bytes(receipt.read_bytes().replace(b"school-7", b"school-8"))
    assert "changed after it was signed" in kiosk.complaint("verify-receipt", receipt)


def test_the_printed_receipt_speaks_three_languages_and_carries_the_signature(kiosk: Kiosk) -> None:
    kiosk.ok("enroll", "erase", "S-1", "--yes", "--receipt", kiosk.folder / "r.json")
    printed = words_of(kiosk.folder / "r.pdf")
    for words in ("ата-ана жазбалары: 2", "записи о родителях: 2", "guardians' records: 2", "School 7"):
        assert words in printed
    signature = json.loads((kiosk.folder / "r.json").read_text())["signature"]
    assert signature in "".join(printed.split())


def test_a_receipt_that_was_lost_is_written_again_byte_for_byte(kiosk: Kiosk) -> None:
    """Also when the child is on the roster no more, and never over another file."""
    kiosk.ok("enroll", "erase", "S-1", "--yes", "--receipt", kiosk.folder / "first.json")
    kiosk.ok("receipt", "S-1", "--receipt", kiosk.folder / "again.json")
    assert (kiosk.folder / "again.json").read_bytes() == (kiosk.folder / "first.json").read_bytes()
    assert "exists already" in kiosk.complaint("receipt", "S-1", "--receipt", kiosk.folder / "first.json")
    assert "nothing of this student" in kiosk.complaint("receipt", "S-2")
    refused = kiosk.complaint("enroll", "withdraw", "S-2", "--receipt", kiosk.folder / "first.json")
    assert "exists already" in refused
    with kiosk.vault() as vault:
        assert vault.erasures.of(pseudonym(vault.pseudonym_key, "S-2")) == []


def test_an_inspector_checks_the_trail_and_is_told_where_it_was_changed(kiosk: Kiosk) -> None:
    trail = kiosk.folder / "audit.jsonl"
    lines = trail.read_text().splitlines()
    assert f"Whole: {len(lines)} lines, 0 checkpoints" in kiosk.ok("audit", "verify")
    (changed,) = [number for number, line in enumerate(lines, 1) if "consent_recorded" in line]
    trail.write_text(trail.read_text().replace("consent_recorded", "consent_imagined"))
    told = kiosk.complaint("audit", "verify", "--key", kiosk.folder / "device.pem")
    assert f"does not verify at line {changed}" in told
    assert "no audit trail at" in kiosk.complaint("audit", "verify", "--trail", kiosk.folder / "none.jsonl")


def test_a_parent_reads_what_happened_and_who_looked(kiosk: Kiosk) -> None:
    """In three languages, without another child's lines, and after the child is gone too."""
    kiosk.ok("enroll", "status")
    kiosk.ok("pass", "issue", "S-1", "S-2")
    kiosk.ok("pass", "list", "--group", "8B")
    kiosk.ok("pass", "list", "--group", "5A")
    kiosk.ok("enroll", "erase", "S-1", "--yes")
    english = kiosk.ok("audit", "of", "S-1", "--language", "en").splitlines()
    assert [line[18:].split(" by ")[0] for line in english] == [
        "a consent was recorded",
        "the record was looked at",
        "a QR pass was issued",
        "the record was looked at",
        "everything held about the child was destroyed",
        "the record was looked at",
    ]
    assert "(list of people and consents)" in english[1]
    assert "(list of cards and passes)" in english[3]
    assert "(extract of the trail)" in english[5]
    assert "записано согласие" in kiosk.ok("audit", "of", "S-1", "--language", "ru")
    assert "келісім жазылды" in kiosk.ok("audit", "of", "S-1")


def test_whoever_deletes_their_own_lines_the_same_evening_is_found_and_the_school_goes_on(
    kiosk: Kiosk,
) -> None:
    """Nobody could be erased any more, had a lost trail no way out."""
    trail = kiosk.folder / "audit.jsonl"
    assert "Whole" in kiosk.ok("audit", "verify")
    trail.write_bytes(b"".join(trail.read_bytes().splitlines(keepends=True)[:1]))
    assert "lines were cut off the audit trail" in kiosk.complaint("audit", "verify")
    assert "qaqpa-kiosk audit begin-anew" in kiosk.complaint("enroll", "status")
    assert "is still there" in kiosk.complaint("audit", "begin-anew")
    trail.rename(kiosk.folder / "evidence.jsonl")
    assert "lines were cut off" in kiosk.complaint("enroll", "status"), "moving it away hides nothing"
    kiosk.ok("audit", "begin-anew")
    assert "Whole" in kiosk.ok("audit", "verify")
    assert '"what":"trail_begun_anew","lines_before":' in trail.read_text()
    assert "does not know" in kiosk.ok("audit", "verify", "--trail", kiosk.folder / "evidence.jsonl")
