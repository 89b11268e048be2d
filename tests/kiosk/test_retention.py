"""Staff see what is due and why; a run erases just that, says so, and stops where the clock may be wrong."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.audit import verify
from edge.domain.ids import pseudonym
from tests.kiosk.test_kiosk import ROSTER, Kiosk

Travel = Callable[[timedelta], None]


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Move the retention commands to another time, on a device whose clock goes right."""
    monkeypatch.setattr("edge.device_clock.synchronised", lambda: True)

    def go(ahead: timedelta) -> None:
        monkeypatch.setattr("enrollment.commands.retention.now", lambda: datetime.now(UTC) + ahead)

    go(timedelta(0))
    return go


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    return made


def counted(table: str, what: str) -> int:
    line = next(line for line in table.splitlines() if what in line)
    return int(line.split("│")[3])


def people(kiosk: Kiosk) -> set[str]:
    with kiosk.vault() as vault:
        known = [vault.roster.child(id_) for id_ in vault.roster.all()]
    return {child.student_number for child in known if child is not None}


def test_a_run_erases_what_the_plan_named_and_says_so(kiosk: Kiosk, travel: Travel) -> None:
    kiosk.ok(*kiosk.consent())
    kiosk.ok("enroll", "left", "S-1")
    planned = kiosk.ok("retention", "plan", "--students")
    assert counted(planned, "children who left") == 1
    assert "S-1" in planned
    assert "Aisha" not in planned
    assert people(kiosk) == {"S-1", "S-2"}
    assert counted(kiosk.ok("retention", "run"), "children who left") == 1
    with kiosk.vault() as vault:
        assert not vault.erasures.not_gone() + vault.erasures.uncertified()
    assert people(kiosk) == {"S-2"}
    assert counted(kiosk.ok("retention", "run"), "children who left") == 0
    with kiosk.vault() as vault:
        gone, audit_key = pseudonym(vault.pseudonym_key, "S-1").value, vault.audit_key
    verify(kiosk.folder / "audit.jsonl", audit_key)
    lines = [json.loads(line) for line in (kiosk.folder / "audit.jsonl").read_text().splitlines()]
    assert [line["reason"] for line in lines if line["what"] == "retention" and line["child"] == gone] == [
        "left"
    ]
    assert [line["left"] for line in lines if line["what"] == "retention_run"] == [1, 0]


def test_who_left_and_is_restricted_is_told_and_stays(kiosk: Kiosk, travel: Travel) -> None:
    """Else the data officer believes that the child is gone, and nobody lifts the restriction."""
    kiosk.ok("rights", "open", "restriction", "S-1", "--authority")
    kiosk.ok("enroll", "left", "S-1")
    planned = kiosk.ok("retention", "plan", "--students")
    assert counted(planned, "children who left") == 0
    assert "1 who left stay until their restriction is lifted" in planned
    assert any("S-1" in line and "restricted" in line for line in planned.splitlines())
    kiosk.ok("retention", "run")
    assert people(kiosk) == {"S-1", "S-2"}


def test_a_dry_run_shows_what_the_plan_shows_and_erases_nothing(kiosk: Kiosk, travel: Travel) -> None:
    kiosk.ok("enroll", "left", "S-1")
    before = (kiosk.folder / "audit.jsonl").read_text()
    assert kiosk.ok("retention", "run", "--dry-run", "--yes") == kiosk.ok("retention", "plan")
    assert people(kiosk) == {"S-1", "S-2"}
    assert (kiosk.folder / "audit.jsonl").read_text() == before


def test_a_clock_a_year_ahead_erases_nothing_until_a_person_says_so(kiosk: Kiosk, travel: Travel) -> None:
    kiosk.ok(*kiosk.consent())
    kiosk.ok("enroll", "left", "S-1")
    travel(timedelta(days=365))
    assert "somebody set the clock" in kiosk.ok("retention", "plan")
    told = kiosk.complaint("retention", "run")
    assert "nothing was erased" in told
    assert "--yes" in told
    assert people(kiosk) == {"S-1", "S-2"}
    kiosk.ok("retention", "run", "--yes")
    assert people(kiosk) == {"S-2"}


def test_a_device_whose_clock_nobody_set_erases_nothing(
    kiosk: Kiosk, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Pi without a battery clock and without a network, in the morning."""
    kiosk.ok("enroll", "left", "S-1")
    monkeypatch.setattr("edge.device_clock.synchronised", lambda: False)
    assert "no time service has set the clock" in kiosk.complaint("retention", "run")
    assert people(kiosk) == {"S-1", "S-2"}


def test_a_complete_roster_marks_who_is_missing_and_an_ordinary_one_does_not(
    kiosk: Kiosk, travel: Travel
) -> None:
    only_second = kiosk.roster(ROSTER[2:])
    kiosk.ok("enroll", "roster", only_second)
    assert counted(kiosk.ok("retention", "plan"), "children who left") == 0
    assert "Marked as left: 1" in kiosk.ok("enroll", "roster", only_second, "--complete")
    kiosk.ok("enroll", "roster", kiosk.roster(ROSTER))
    assert counted(kiosk.ok("retention", "plan"), "children who left") == 0


def test_half_a_roster_is_not_taken_for_the_whole(kiosk: Kiosk, travel: Travel) -> None:
    """Somebody imports one class with --complete: the rest of the school must not be gone by tomorrow."""
    school = [[f"N-{number}", *ROSTER[2][1:]] for number in range(20)]
    kiosk.ok("enroll", "roster", kiosk.roster([*ROSTER, *school]))
    one_class = kiosk.roster(school[:5])
    assert "17 of 22 people are not on" in kiosk.complaint("enroll", "roster", one_class, "--complete")
    assert len(people(kiosk)) == 22
    assert "Marked as left: 17" in kiosk.ok("enroll", "roster", one_class, "--complete", "--yes")
    assert "of those on the roster left" in kiosk.complaint("retention", "run")


def test_a_shorter_term_of_the_school_counts(kiosk: Kiosk, travel: Travel) -> None:
    with kiosk.config.open("a") as config:
        config.write("[retention]\ncredentials_days = 1\n")
    kiosk.ok("pass", "issue", "S-1")
    kiosk.ok("pass", "issue", "S-1")
    travel(timedelta(days=2))
    assert counted(kiosk.ok("retention", "plan"), "ended passes") == 1
    with kiosk.config.open("a") as config:
        config.write("records_days = 2000\n")
    assert "records_days" in kiosk.complaint("retention", "plan")
