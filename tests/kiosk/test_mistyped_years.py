"""A mistyped year is refused wherever a date is told; one from before that was checked stops nothing."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.kiosk.test_kiosk import ROSTER, Kiosk

GUARDIAN = "--guardian=Saule Test"
CONSENT = ("enroll", "consent", "S-1", GUARDIAN, "--evidence=paper.pdf", "--wording=wording.txt")
BREACH = ("breach", "open", "--what=A device is gone", "--contact=+7 700 000 00 00")
ENTRIES = {
    "received": ("rights", "open", "complaint", "S-1", GUARDIAN, "--received"),
    "given": (*CONSENT, "--given"),
    "until": (*CONSENT, "--until"),
    "found_at": (*BREACH, "--found-at"),
    "told_at": ("breach", "close", "b-1", "--told-at"),
    "pass_until": ("pass", "issue", "S-1", "--until"),
    "visitor_until": ("pass", "visitor", "Plumber", "--until"),
    "card_until": ("card", "add", "S-1", "--until"),
}


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    return made


@pytest.mark.parametrize("day", ["0206-11-20", "0001-01-01", "9999-12-31", "9999-12-31T23:59-12:00"])
@pytest.mark.parametrize("entry", ENTRIES)
def test_a_year_that_cannot_be_is_refused_and_named(kiosk: Kiosk, entry: str, day: str) -> None:
    assert f"{day}: the year is not one from 2000 to 2100" in kiosk.complaint(*ENTRIES[entry], day)


def test_a_register_that_holds_such_a_year_already_keeps_nobody_from_anything(kiosk: Kiosk) -> None:
    """Parents could neither withdraw nor be erased any more: each command read the register first."""
    said = kiosk.ok("rights", "open", "complaint", "S-1", GUARDIAN)
    request = said.split()[1].rstrip(":")
    found = kiosk.ok(*BREACH, "--found-at", datetime.now(UTC).isoformat(timespec="minutes"))
    breach = found.split()[1].rstrip(":")
    _as_earlier_versions_wrote(kiosk.folder / "vault.db")
    assert re.search(rf"{request}.*206.*overdue", kiosk.ok("rights", "list"))
    for words in (
        ("enroll", "withdraw", "S-1"),
        ("retention", "run", "--yes"),
        ("audit", "verify"),
        ("breach", "list"),
        ("breach", "close", breach, "--told-at", datetime.now(UTC).isoformat()),
        ("rights", "close", request, "--outcome=done"),
    ):
        kiosk.ok(*words)
    with kiosk.vault() as vault:
        closed = vault.requests.get(request).closed_at
    assert closed is not None
    assert closed.year == datetime.now(UTC).year, "else no term would ever end for it"
    kiosk.ok("rights", "open", "erasure", "S-1", GUARDIAN)
    kiosk.ok("rights", "erase", "S-1", "--yes")


def _as_earlier_versions_wrote(file: Path) -> None:
    """A request and a breach of the year 206, in a vault of before that was mended."""
    with closing(sqlite3.connect(file)) as raw:
        for table, column in (("request", "received_at"), ("breach", "found_at")):
            name = f"{table}_only_ends"
            (rule,) = raw.execute("SELECT sql FROM sqlite_schema WHERE name = ?", [name]).fetchone()
            raw.execute(f"DROP TRIGGER {name}")
            raw.execute(f"UPDATE {table} SET {column} = '206-11-19T18:00:00.000000Z'")
            raw.execute(rule)
        raw.execute("DELETE FROM _sqlite_migrations WHERE name = 'm012_whole_years'")
        raw.commit()
