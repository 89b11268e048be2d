"""A state body gets what its document names, from two members of staff, and the register says so for good."""

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.domain.ids import pseudonym
from tests.kiosk.test_kiosk import ROSTER, Kiosk
from tests.kiosk.test_rights import MOTHER, archive
from tests.kiosk.test_staff import TEACHER, typed

FIRST, SECOND = "482915", "730264"
SECOND_TEACHER = ["T-9", "Other Test", "1975-02-11", "teachers", "", "", "", "", "", "", "staff"]


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster([*ROSTER, TEACHER, SECOND_TEACHER]))
    for number, pin in (("T-1", FIRST), ("T-9", SECOND)):
        typed(monkeypatch, pin, pin)
        made.ok("staff", "pin", number)
    return made


def asked(
    kiosk: Kiosk, *more: str, ground: str = "law", staff: tuple[str, ...] = ("T-1", "T-9")
) -> list[str]:
    signed = [word for number in staff for word in ("--staff", number)]
    return [
        *("disclose", "hand-over", "S-1", "--ground", ground, "--document", "No. 5 of 01.09.2026"),
        *("--to", "District Court", *signed, "--out", str(kiosk.folder), *more),
    ]


def registered(kiosk: Kiosk) -> int:
    with kiosk.vault() as vault:
        return len(vault.disclosures.all())


def test_what_is_handed_over_is_on_the_register_and_holds_no_biometrics(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk.ok(*kiosk.consent())
    typed(monkeypatch, FIRST, SECOND)
    every = ("identity", "iin", "contacts", "consents", "credentials")
    kiosk.ok(*asked(kiosk, *(word for each in every for word in ("--data", each))))
    (file,) = kiosk.folder.glob("disclosure-*.json")
    handed = json.loads(file.read_text())
    assert (handed["full_name"], handed["iin"], len(handed["contacts"])) == ("Aisha Test", "150402600004", 2)
    assert handed["clauses"] == ["kezekshi 3.13", "law 94-V, art. 9"]
    assert "template" not in file.read_text()
    assert {path.suffix: path.stat().st_mode & 0o777 for path in kiosk.folder.glob("disclosure-*")} == {
        ".json": 0o600,
        ".txt": 0o600,
        ".pdf": 0o600,
    }
    with kiosk.vault() as vault:
        (entry,) = vault.disclosures.of(pseudonym(vault.pseudonym_key, "S-1"))
    assert entry.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert len(set(entry.staff)) == 2
    trail = (kiosk.folder / "audit.jsonl").read_text()
    assert '"what":"disclosed"' in trail
    assert not any(word in trail for word in ("Aisha", "District", FIRST, SECOND))
    listed = kiosk.ok("disclose", "list")
    assert entry.id in listed
    assert "S-1" in listed


def test_the_paper_speaks_its_language_and_the_schools_time(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A court in Almaty reads a ground, clauses and an hour that it knows, near midnight the same day too."""
    kiosk.config.write_text('time_zone = "Pacific/Kiritimati"\n' + kiosk.config.read_text())
    kiosk.ok(*kiosk.consent())
    kiosk.ok("pass", "issue", "S-1")
    typed(monkeypatch, FIRST, SECOND)
    kiosk.ok(*asked(kiosk, "--data", "consents", "--data", "credentials"))
    text = next(kiosk.folder.glob("disclosure-*.txt")).read_text().replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        "Негіз: заңда көзделген негіз",
        "№ 94-V Заң, 9-бап",
        "Основание: основание, предусмотренное законом",
        "Закон № 94-V, ст. 9",
        "Цели: проход через турникет, учёт посещений",
        "Вид: QR-пропуск",
    ):
        assert words in text
    assert not re.search(r": law$|access|attendance,|\bqr\b|T\d\d:|\+00:00", text.split("Disclosure of")[0])
    there = f"{datetime.now(ZoneInfo('Pacific/Kiritimati')):%d.%m.%Y}"
    assert f"Когда передано: {there}" in text
    handed = json.loads(next(kiosk.folder.glob("disclosure-*.json")).read_text())
    assert handed["at"].endswith("+14:00")
    assert handed["consents"][0]["given_at"].endswith("+14:00")


def test_only_what_was_named_is_handed_over(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, FIRST, SECOND)
    kiosk.ok(*asked(kiosk))
    (file,) = kiosk.folder.glob("disclosure-*.json")
    assert not {"iin", "contacts", "consents", "credentials"} & json.loads(file.read_text()).keys()


@pytest.mark.parametrize(
    ("ground", "signed", "told"),
    [
        ("cooperation", {"T-1": FIRST, "T-9": SECOND}, "no ground in force"),
        ("law", {"T-1": FIRST, " T-1": FIRST}, "two different members"),
        ("law", {"T-1": FIRST, "T-9": FIRST}, "a PIN is wrong"),
        ("law", {"T-1": FIRST, "S-2": ""}, "is not staff"),
    ],
)
def test_nothing_is_handed_over_without_a_ground_in_force_and_two_members_of_staff(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, ground: str, signed: dict[str, str], told: str
) -> None:
    typed(monkeypatch, *signed.values())
    assert told in kiosk.complaint(*asked(kiosk, ground=ground, staff=tuple(signed)))
    assert not list(kiosk.folder.glob("disclosure-*"))
    assert registered(kiosk) == 0


def test_a_demand_without_a_number_is_refused(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, FIRST, SECOND)
    line = [" " if word.startswith("No. 5") else word for word in asked(kiosk)]
    assert "document is empty" in kiosk.complaint(*line)
    assert registered(kiosk) == 0


def test_a_demand_without_a_digit_has_no_number(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, FIRST, SECOND)
    line = ["the letter" if word.startswith("No. 5") else word for word in asked(kiosk)]
    assert "document has no number" in kiosk.complaint(*line)
    assert registered(kiosk) == 0


def test_the_parent_sees_what_was_handed_over_and_who_looked(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, FIRST, SECOND)
    kiosk.ok(*asked(kiosk, "--data", "identity"))
    kiosk.ok("enroll", "status")
    record = archive(kiosk, MOTHER)
    (handed,) = record["disclosures"]
    assert (handed["to"], handed["ground"], handed["handed"]) == ("District Court", "law", ["identity"])
    assert handed["document"] == "No. 5 of 01.09.2026"
    looked = [act for act in record["acts"] if act["what"] == "looked"]
    assert looked
    assert all(act["by"] for act in looked)
