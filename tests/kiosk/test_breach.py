"""A breach starts its clock, is told in three languages, and stays loud until the authority knows."""

import csv
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.credentials.check import CredentialCheck, QrShown
from edge.domain.credentials import CredentialKind, Holder, HolderKind, Refusal
from edge.domain.ids import Slug, pseudonym
from edge.errors import VaultError
from edge.vault.vault import Vault
from tests.kiosk.test_kiosk import ROSTER, Kiosk
from tests.kiosk.test_staff import PIN, TEACHER, typed

KAZAKH_LETTERS = set("әғқңөұүһі")
WORDS = {"kk": "Құрметті ата-ана", "ru": "Уважаемый родитель", "en": "Dear parent"}


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster([*ROSTER, TEACHER]))
    return made


def opened(kiosk: Kiosk, *more: str, ago: timedelta = timedelta(hours=1)) -> str:
    """Open a breach; returns its number."""
    found = (datetime.now(UTC) - ago).isoformat(timespec="minutes")
    said = kiosk.ok(
        *("breach", "open", "--what", "A device is gone", "--found-at", found),
        *("--contact", "+7 700 000 00 00", "--out", str(kiosk.folder), *more),
    )
    return said.split()[1].rstrip(":")


def test_the_notices_are_written_in_three_languages_and_name_no_child(kiosk: Kiosk) -> None:
    number = opened(kiosk, "--measures", "Keys were changed")
    for language, word in WORDS.items():
        text = (kiosk.folder / f"breach-{number}-guardians.{language}.txt").read_text()
        assert word in text
        assert "A device is gone" in text
        assert "Aisha" not in text
        told = (kiosk.folder / f"breach-{number}-authority.{language}.txt").read_text()
        assert "230840002814" in told
        assert ": 3." in told
    with (kiosk.folder / f"breach-{number}-recipients.csv").open(encoding="utf-8-sig") as file:
        assert [row["guardian_name"] for row in csv.DictReader(file)][:1]


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="apt-get install poppler-utils")
def test_the_notices_can_be_printed_in_kazakh(kiosk: Kiosk) -> None:
    number = opened(kiosk)
    for name in ("authority", "guardians"):
        pdf = kiosk.folder / f"breach-{number}-{name}.pdf"
        read = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True).stdout
        kazakh = (kiosk.folder / f"breach-{number}-{name}.kk.txt").read_text()
        assert set(kazakh) & KAZAKH_LETTERS <= set(read)
        assert pdf.stat().st_mode & 0o777 == 0o600


def test_it_concerns_whom_it_is_said_to(kiosk: Kiosk) -> None:
    number = opened(kiosk, "--group", "5A")
    with kiosk.vault() as vault:
        assert vault.breaches.children(number) == [pseudonym(vault.pseudonym_key, "S-1")]
    assert opened(kiosk, "--student", "S-2", "--student", "S-2") != number
    with kiosk.vault() as vault:
        assert sorted(each.concerned for each in vault.breaches.all()) == [1, 1]
    line = ("breach", "open", "--what", "x", "--found-at", "2026-01-01", "--contact", "y")
    assert "nobody on the roster is in class 9Z" in kiosk.complaint(*line, "--group", "9Z")


def test_every_command_is_loud_until_it_is_closed(kiosk: Kiosk) -> None:
    number = opened(kiosk, ago=timedelta(days=20))
    code, _, loud = kiosk.run("enroll", "status")
    assert code == 0
    assert "1 OVERDUE" in loud
    assert "OVERDUE" in kiosk.ok("breach", "list")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    future = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="seconds")
    assert "still to come" in kiosk.complaint("breach", "close", number, "--told-at", future)
    assert "too late" in kiosk.ok("breach", "close", number, "--told-at", now)
    assert kiosk.run("enroll", "status")[2] == ""
    assert "too late" in kiosk.ok("breach", "list")
    assert "no open breach" in kiosk.complaint("breach", "close", number, "--told-at", now)


def test_a_stolen_device_ends_prints_pins_and_cards_of_this_one(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, PIN, PIN)
    kiosk.ok("staff", "pin", "T-1")
    typed(monkeypatch, "0012345678")
    kiosk.ok("card", "add", "S-1")
    kiosk.ok("pass", "issue", "S-1")
    school, now = Slug("school-7"), datetime.now(UTC)
    with kiosk.vault() as gate:
        child = pseudonym(gate.pseudonym_key, "S-1")
        held = gate.credentials.pass_(child, 1)
        assert held is not None
        stolen = gate.credentials.pass_text(held, school)
        check = CredentialCheck(gate, school)
        assert check.check(QrShown("r", stolen), 1.0, now) == Holder(HolderKind.CHILD, child)
        said = kiosk.ok("breach", "revoke-device", "north", "--cards", "--yes")
        assert check.check(QrShown("r", stolen), 9.0, now) is Refusal.WRONG_SIGNATURE
        fresh = gate.credentials.pass_text(held, school)
        assert check.check(QrShown("r", fresh), 19.0, now) == Holder(HolderKind.CHILD, child)
        assert not gate.pins.holders()
        assert gate.credentials.live(child, CredentialKind.CARD) is None
    assert said.count("done") == 4
    assert "ca revoke" in said
    assert "to do" in said
    assert "FAILED" not in said


def test_one_step_that_fails_stops_no_other_and_is_told(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Vault) -> int:
        raise VaultError("the disk is full", "Free space")

    monkeypatch.setattr(Vault, "renew_templates", fails)
    code, said, _ = kiosk.run("breach", "revoke-device", "north", "--yes")
    assert code == 1
    assert "FAILED" in said
    assert said.count("done") == 2
