"""What staff mistype is named before anything is written, and before anybody is asked."""

import io
import sys
from datetime import date
from pathlib import Path

import pytest

from edge.domain.ids import pseudonym
from tests.kiosk.test_kiosk import ROSTER, Kiosk

MOTHER = "--guardian=Saule Test"
NEXT_YEAR = f"{date.today().year + 1}-03-01"


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    return made


@pytest.mark.parametrize(("column", "name"), [(2, "born"), (11, "guardian_born")])
@pytest.mark.parametrize(("day", "told"), [(NEXT_YEAR, "is still to come"), ("0206-03-01", "is before 1900")])
def test_nobody_on_a_roster_is_born_next_year(
    kiosk: Kiosk, column: int, name: str, day: str, told: str
) -> None:
    row = ["S-9", "New Child", "2016-05-05", "4A", "", "Aru Test", "mother", "", "", "", "", "1985-04-02"]
    row[column] = day
    assert f"line 2: {name} {told}" in kiosk.complaint("enroll", "roster", kiosk.roster([row]))


def test_a_rectification_to_a_day_that_cannot_be_is_refused_and_stays_open(kiosk: Kiosk) -> None:
    """It was called done, and the wrong day went into what a state body is told."""
    kiosk.ok("rights", "open", "rectification", "S-1", MOTHER)
    for wrong in (["--born"], [MOTHER, "--guardian-born"]):
        told = kiosk.complaint("rights", "rectify", "S-1", *wrong, NEXT_YEAR)
        assert "nothing was corrected: born is still to come" in told
    with kiosk.vault() as vault:
        assert len(vault.requests.still_open()) == 1


def test_the_hubs_key_takes_no_other_files_place(kiosk: Kiosk) -> None:
    (kiosk.folder / "hub.key").write_text("something else")
    assert "exists already" in kiosk.complaint("hub-key", kiosk.folder / "hub.key")
    assert (kiosk.folder / "hub.key").read_text() == "something else"


def test_a_notice_of_a_breach_says_whom_to_ask(kiosk: Kiosk) -> None:
    found = ("--what=A device is gone", "--found-at=2026-11-20T09:00", "--contact= ")
    assert "contact is empty" in kiosk.complaint("breach", "open", *found)
    with kiosk.vault() as vault:
        assert vault.breaches.all() == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--purpose=marketing", "--purpose=access"], "marketing needs a consent of its own"),
        (["--purpose=meals", "--purpose=access"], "goes beyond the policies in force"),
        (["--until=2099-01-01"], "more than 366 days"),
        (["--evidence=paper.pdf"], "paper.pdf exists already"),
    ],
)
def test_a_guardian_is_not_asked_for_what_cannot_be_recorded(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, more: list[str], told: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Saule Test\n"))
    words = ["S-1", MOTHER, "--channel=kiosk", "--wording=wording.txt", "--evidence=record.json", *more]
    assert told in kiosk.complaint("enroll", "consent", *words)
    assert sys.stdin.read() == "Saule Test\n", "somebody was asked"
    with kiosk.vault() as vault:
        assert vault.consents.of(pseudonym(vault.pseudonym_key, "S-1")) == []
