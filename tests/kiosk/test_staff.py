"""Staff at the kiosk have card, pass, PIN and a face of their own; children stay as protected as before."""

import csv
import io
import os
import pty
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from edge.audit import verify
from edge.credentials.pin import matches
from edge.domain.ids import pseudonym
from edge.domain.people import Role
from enrollment.roster import COLUMNS
from tests.gate.parts import PUPILS, engine_or_skip
from tests.kiosk.test_kiosk import ROSTER, Kiosk

PIN = "482915"
TEACHER = ["T-1", "Марат Тест", "1980-05-17", "teachers", "", "", "", "+77010000009", "", "", "staff"]
TRAINEE = ["T-2", "Young Test", "2010-05-17", "teachers", "", "", "", "", "", "", "staff"]


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster([*ROSTER, TEACHER, TRAINEE]))
    return made


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def own_consent(kiosk: Kiosk, number: str = "T-1") -> tuple[object, ...]:
    paper = kiosk.folder / "paper.pdf"
    return ("enroll", "consent", number, "--evidence", paper, "--wording", kiosk.wording)


def test_staff_get_a_pass_and_a_card_like_everybody(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "4 passes issued" in kiosk.ok("pass", "issue", "--all")
    typed(monkeypatch, "0012345678")
    kiosk.ok("card", "add", "T-1")
    assert "T-1" in kiosk.ok("pass", "list", "--group", "teachers")
    with kiosk.vault() as vault:
        known = vault.roster.child(pseudonym(vault.pseudonym_key, "T-1"))
    assert known is not None
    assert (known.role, known.group) == (Role.STAFF, "teachers")


def test_an_adult_member_consents_and_is_enrolled_and_withdraws(kiosk: Kiosk) -> None:
    engine_or_skip()
    face = ("enroll", "face", "T-1", "--picture", PUPILS / "p01/enrol_1.jpg")
    assert "has agreed" in kiosk.complaint(*face)
    kiosk.ok(*own_consent(kiosk))
    assert "Enrolled with 1 template" in kiosk.ok(*face)
    assert "Destroyed: 1 templates" in kiosk.ok("enroll", "withdraw", "T-1")


def test_a_pupil_cannot_consent_nor_can_anybody_under_18(kiosk: Kiosk) -> None:
    assert "guardian consents" in kiosk.complaint(*own_consent(kiosk, "S-1"))
    assert "under 18" in kiosk.complaint(*own_consent(kiosk, "T-2"))
    assert "staff consent for themselves" in kiosk.complaint(*own_consent(kiosk), "--guardian", "Saule Test")
    with kiosk.vault() as vault:
        assert [vault.consents.of(id_) for id_ in vault.roster.all()] == [[], [], [], []]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ([*TEACHER[:5], "Saule Test", "wife", "", "", "", "staff"], "staff have no guardian"),
        ([*TEACHER[:-1], "pupil"], "guardian_name, relation missing"),
        ([*TEACHER[:-1], ""], "guardian_name, relation missing"),
        ([*TEACHER[:-1], "teacher"], "neither pupil nor staff"),
        ([*TEACHER[:3], "", *TEACHER[4:]], "group missing"),
    ],
)
def test_a_wrong_line_about_staff_is_told(kiosk: Kiosk, row: list[str], told: str) -> None:
    assert told in kiosk.complaint("enroll", "roster", kiosk.roster([row]))


def test_a_member_stands_on_one_line(kiosk: Kiosk) -> None:
    assert "stands on one line" in kiosk.complaint("enroll", "roster", kiosk.roster([TEACHER, TEACHER]))


def test_a_pupils_number_is_not_given_to_staff_and_nothing_is_imported(kiosk: Kiosk) -> None:
    new = ["N-1", "New Test", "2015-01-01", "5A", "", "Ана", "mother", "", "", "", ""]
    taken = ["S-1", *TEACHER[1:]]
    assert "belongs to pupil already" in kiosk.complaint("enroll", "roster", kiosk.roster([new, taken]))
    with kiosk.vault() as vault:
        assert vault.roster.child(pseudonym(vault.pseudonym_key, "N-1")) is None


def test_a_roster_without_the_column_role_is_all_pupils(kiosk: Kiosk) -> None:
    path = kiosk.folder / "old.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        file_ = csv.DictWriter(file, [name for name in COLUMNS if name != "role"], extrasaction="ignore")
        file_.writeheader()
        file_.writerows(dict(zip(COLUMNS, row, strict=True)) for row in ROSTER)
    assert "file: 2" in kiosk.ok("enroll", "roster", path)


def test_a_pin_is_set_listed_and_taken_away(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, PIN, PIN)
    said = kiosk.ok("staff", "pin", "T-1")
    listed = kiosk.ok("staff", "list")
    assert [line.split()[1::2] for line in listed.splitlines() if "T-" in line] == [
        ["T-1", "teachers", "set"],
        ["T-2", "teachers", "none"],
    ]
    assert "S-1" not in listed
    with kiosk.vault() as vault:
        hashed = vault.pins.hash_of(pseudonym(vault.pseudonym_key, "T-1"))
        assert hashed is not None
        assert matches(PIN, hashed)
        audit_key = vault.audit_key
    assert "counts no more" in kiosk.ok("staff", "revoke-pin", "T-1")
    assert "had no PIN" in kiosk.ok("staff", "revoke-pin", "T-1")
    trail = (kiosk.folder / "audit.jsonl").read_text()
    assert PIN not in trail + said + listed
    assert verify(kiosk.folder / "audit.jsonl", audit_key).records == trail.count("\n")
    assert [what in trail for what in ("pin_set", "pin_revoked")] == [True, True]


@pytest.mark.parametrize(
    ("number", "pins", "told"),
    [
        ("T-1", (PIN, "482916"), "two different PINs"),
        ("T-1", ("123456",) * 2, "first that anybody tries"),
        ("T-1", ("170580",) * 2, "date of birth"),
        ("T-1", ("4829",) * 2, "6 to 12 digits"),
        ("T-1", ("", ""), "6 to 12 digits"),
        ("S-1", (PIN, PIN), "only staff have PINs"),
        ("X-1", (PIN, PIN), "not on the roster"),
    ],
)
def test_a_poor_pin_and_a_wrong_person_are_refused_without_repeating_the_pin(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, number: str, pins: tuple[str, str], told: str
) -> None:
    typed(monkeypatch, *pins)
    complaint = kiosk.complaint("staff", "pin", number)
    assert told in complaint
    assert not pins[0] or pins[0] not in complaint
    with kiosk.vault() as vault:
        assert not vault.pins.holders()


def test_a_number_that_fills_the_pin_is_refused(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk.ok("enroll", "roster", kiosk.roster([["9041", *TEACHER[1:]]]))
    typed(monkeypatch, "904177", "904177")
    assert "holds the member's number" in kiosk.complaint("staff", "pin", "9041")


def test_a_pin_that_is_typed_does_not_appear_on_the_screen(kiosk: Kiosk) -> None:
    """Whoever stands behind the member sees the questions and nothing else."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from enrollment.cli import main; main()", "staff", "pin", "T-1"]
    with subprocess.Popen(
        [*command, "--config", str(kiosk.config)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        with closing(os.fdopen(ours, "rb+", buffering=0)) as terminal:
            seen = read_until(terminal, b"not shown): ")
            terminal.write(f"{PIN}\n".encode())
            seen += read_until(terminal, b"more: ")
            terminal.write(f"{PIN}\n".encode())
            seen += read_until(terminal, b"no more")
        assert process.wait(30) == 0
    assert PIN.encode() not in seen


def read_until(terminal: io.RawIOBase, words: bytes) -> bytes:
    seen = b""
    while words not in seen:
        chunk = terminal.read(1)
        assert chunk, seen
        seen += chunk
    return seen
