"""Whoever sees a child's data at the kiosk is in the trail, and the parent reads it there."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.audit import records
from edge.domain.ids import pseudonym
from enrollment.audit_words import about, sentence
from enrollment.looking import who
from enrollment.settings import Language
from tests.kiosk.test_disclosure import FIRST, SECOND, SECOND_TEACHER, asked
from tests.kiosk.test_kiosk import ROSTER, Kiosk
from tests.kiosk.test_rights import MOTHER, opened
from tests.kiosk.test_staff import TEACHER, typed

CARD = "0012345678"
BREACH = ("breach", "open", "--what", "a copy is lost", "--contact", "+7 700 000 00 00")


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """Something stands in every register about S-1, and nothing about S-2."""
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster([*ROSTER, TEACHER, SECOND_TEACHER]))
    made.ok(*made.consent())
    for number, pin in (("T-1", FIRST), ("T-9", SECOND)):
        typed(monkeypatch, pin, pin)
        made.ok("staff", "pin", number)
    typed(monkeypatch, FIRST, SECOND)
    made.ok(*asked(made))
    typed(monkeypatch, CARD)
    made.ok("card", "add", "S-1")
    made.ok("pass", "issue", "S-1")
    opened(made, "access", MOTHER)
    made.ok("enroll", "left", "S-1")
    return made


EVERYBODY, ITS_CLASS, ONE = {"S-1", "S-2"}, {"S-1"}, {"S-1"}
COMMANDS: list[tuple[tuple[str, ...], set[str]]] = [
    (("enroll", "status"), EVERYBODY),
    (("pass", "list"), EVERYBODY),
    (("pass", "list", "--group", "5A"), ITS_CLASS),
    (("pass", "sheet", "--group", "5A", "--out", "sheet.pdf"), ITS_CLASS),
    (("card", "whose"), ONE),
    (("policy", "agreed", "S-1"), ONE),
    (("audit", "of", "S-1"), ONE),
    (("rights", "list"), ONE),
    (("rights", "list", "--all"), ONE),
    (("rights", "show", "REQUEST"), ONE),
    (("rights", "archive", "S-1", "--out", "a.zip"), ONE),
    (("retention", "plan", "--students"), ONE),
    (("disclose", "list"), ONE),
    ((*BREACH, "--found-at", "NOW"), EVERYBODY),
    ((*BREACH, "--found-at", "NOW", "--group", "5A"), ITS_CLASS),
    ((*BREACH, "--found-at", "NOW", "--student", "S-1"), ONE),
    (("retention", "plan"), set()),
    (("breach", "list"), set()),
    (("policy", "status"), set()),
]
"""Each command that shows somebody, with whose parents read of it; the last ones only count."""


def looks(kiosk: Kiosk, student: str) -> list[str]:
    """What the parent reads of looks."""
    with kiosk.vault() as vault:
        child = pseudonym(vault.pseudonym_key, student)
        held = [record for record, _ in records(kiosk.folder / "audit.jsonl", vault.audit_key)]
    told = [sentence(each, Language.ENGLISH, ZoneInfo("UTC")) for each in held if about(each, child)]
    return [line for line in told if "look" in line or "copy" in line]


def test_a_look_at_a_childs_data_is_told_to_its_parents_with_who_it_was(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with kiosk.vault() as vault:
        (request,) = vault.requests.still_open()
    words = {"REQUEST": request.id, "NOW": datetime.now(UTC).isoformat(timespec="seconds")}
    told = {}
    for command, _ in COMMANDS:
        before = {student: len(looks(kiosk, student)) for student in ("S-1", "S-2")}
        typed(monkeypatch, CARD)
        kiosk.ok(*(words.get(word, word) for word in command))
        more = {student: looks(kiosk, student)[count:] for student, count in before.items()}
        assert all(who() in line for lines in more.values() for line in lines), command
        told[command] = {student for student, lines in more.items() if lines}
    assert told == dict(COMMANDS)
    trail = (kiosk.folder / "audit.jsonl").read_text()
    assert not any(name in trail for name in ("S-1", "Aisha", "5A", "+7701"))
    kiosk.ok("audit", "verify")
