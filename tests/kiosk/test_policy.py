"""The school's policies as staff use them: explained, checked, adopted, and held when a consent is given."""

import io
import json
import re
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from edge.config import load
from edge.domain.blocks import Asker, Restriction
from edge.errors import ConfigError
from edge.vault.vault import Vault
from enrollment.commands.policy import policy
from enrollment.policy_desk import rules_in_force
from enrollment.settings import KioskSettings
from tests.gate.parts import PUPILS, engine_or_skip
from tests.kiosk.test_kiosk import ROSTER, Kiosk

OWN = """name = "school-7"
title = "School 7"
operator = "School 7"
[[editions]]
number = 1
[editions.rules.data]
clause = "3"
[editions.rules.data.only]
name = "3.1"
birth_date = "3.1"
student_number = "3.1"
contacts = "3.2"
face_template = "3.3"
attendance_events = "3.4"
"""
WIDER = """[[editions]]
number = 2
published = 2025-09-01
[editions.rules.data]
clause = "3"
[editions.rules.data.only]
name = "3.1"
birth_date = "3.1"
student_number = "3.1"
iin = "3.1"
contacts = "3.2"
face_template = "3.3"
attendance_events = "3.4"
"""
FACE = f"--picture={PUPILS / 'p01' / 'enrol_1.jpg'}"


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    return made


def bind(kiosk: Kiosk, *profiles: object) -> None:
    text = kiosk.config.read_text().split("[policy]")[0]
    kiosk.config.write_text(f"{text}[policy]\nprofiles = {json.dumps([str(each) for each in profiles])}\n")


def own(kiosk: Kiosk, text: str = OWN) -> Path:
    (kiosk.folder / "school.toml").write_text(text)
    return kiosk.folder / "school.toml"


def count(kiosk: Kiosk, table: str) -> int:
    with sqlite3.connect(kiosk.folder / "vault.db") as raw:
        (found,) = raw.execute(f"SELECT count(*) FROM {table}").fetchone()
    raw.close()
    return int(found)


def without_vault(*arguments: object, columns: int = 200) -> str:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(policy, [*map(str, arguments)])
    if result.exception is not None:
        raise result.exception
    return result.output


def test_staff_see_what_is_in_force_and_where_it_comes_from() -> None:
    shown = without_vault("explain", "--profile", "kezekshi", "--profile", "smartustaz")
    (row,) = [line for line in shown.splitlines() if "a complaint is answered  " in line]
    assert "within 7 working days" in row
    assert "kezekshi 7.1" in row
    assert "smartustaz 8.2: within 30" in row
    assert (
        'kezekshi 3.12 (destroyed when the purpose ends) says "not required";'
        ' law 94-V, art. 12, 18 says "required", is stricter and wins'
    ) in shown
    assert shown.count("smartustaz 5.1 (") == 1


@pytest.mark.parametrize("columns", [40, 80, 119, 120, 200])
def test_no_value_is_cut_off_however_narrow_the_terminal(columns: int) -> None:
    """Half of "only" reads as if the rest were forbidden."""
    shown = without_vault("explain", "--profile", "kezekshi", "--profile", "asppm", columns=columns)
    told = json.loads(without_vault("explain", "--profile", "kezekshi", "--profile", "asppm", "--json"))
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown
    seen = re.sub(r"[\s│]", "", shown)
    for rule in told["rules"].values():
        values = {str(rule["in_force"] or ""), *(each["says"] for each in rule["said"])}
        for word in {word for value in values for word in value.replace(",", " ").split()}:
            assert word in seen
    assert "\N{HORIZONTAL ELLIPSIS}" not in without_vault("list", columns=columns)


def test_a_program_is_told_the_same() -> None:
    told = json.loads(without_vault("explain", "--profile", "smartustaz", "--profile", "kezekshi", "--json"))
    assert told["profiles"] == {"smartustaz": 1, "kezekshi": 1}
    rule = told["rules"]["complaint_answer"]
    assert (rule["in_force"], rule["from"]) == ("within 7 working days", ["kezekshi 7.1"])
    assert rule["value"] == {"working_days": 7, "calendar_days": None}
    assert [(each["policy"], each["clause"], each["standing"]) for each in rule["said"]] == [
        ("kezekshi", "7.1", "decides"),
        ("smartustaz", "8.2", "laxer than kezekshi 7.1"),
    ]
    assert "smartustaz 5.3" in told["warnings"]


def test_what_the_kiosk_binds_is_explained_without_a_vault(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path)
    bind(kiosk, "kezekshi", own(kiosk))
    told = json.loads(kiosk.ok("policy", "explain", "--json"))
    assert told["profiles"] == {"kezekshi": 1, "school-7": 1}
    assert told["rules"]["data"]["from"] == ["school-7 3"]
    assert not (kiosk.folder / "vault.db").exists()


def test_a_school_is_told_which_of_its_clauses_the_product_overrules_too(tmp_path: Path) -> None:
    """Else it prints in its own policy that it keeps faces for eleven years and asks for no other way in."""
    lax = (
        '[editions.rules.retention]\nclause = "4"\ndays = 4000\n'
        '[editions.rules.equal_alternative]\nclause = "5"\nrequired = false\n'
        '[editions.rules.request_answer]\nclause = "6"\nworking_days = 9\n'
    )
    kiosk = Kiosk(tmp_path)
    checked = without_vault("check", own(kiosk, OWN + lax))
    explained = without_vault("explain", "--profile", own(kiosk, OWN + lax))
    for shown in (checked, explained):
        assert 'school-7 4 (consent and templates are kept) says "at most 4000 days"' in shown
        assert 'product rule 3 says "at most 366 days", is stricter and wins' in shown
        assert 'product rule 7 says "required", is stricter and wins' in shown
        assert 'law 94-V, art. 25 says "within 3 working days", is stricter and wins' in shown
        assert shown.count("school-7 6 (") == 1


def test_a_school_checks_its_own_file_before_it_binds_itself(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path)
    future = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}"
    told = without_vault("check", own(kiosk, OWN + WIDER.replace("2025-09-01", future)))
    assert "Edition 1 of no date: data" in told
    assert f"Edition 2 of {future} (to come): data" in told
    with pytest.raises(ConfigError, match="2 is missing"):
        without_vault("check", own(kiosk, OWN + WIDER.replace("number = 2", "number = 3")))


def test_the_known_policies_are_listed() -> None:
    shown = without_vault("list")
    for name in ("5qbe", "asppm", "edoox", "kezekshi", "smartustaz", "law", "product"):
        assert name in shown


def test_a_mistyped_policy_in_the_configuration_is_named_with_the_known_ones(kiosk: Kiosk) -> None:
    bind(kiosk, "kezekshii")
    complaint = kiosk.complaint(*kiosk.consent())
    assert "policy.profiles.0: there is no policy 'kezekshii'; known are 5qbe, asppm, edoox" in complaint


@pytest.mark.parametrize(
    ("profiles", "more", "told"),
    [
        (["kezekshi"], ["--purpose", "access", "--purpose", "meals"], "kezekshi 3.16"),
    ],
)
def test_a_consent_beyond_what_is_in_force_is_refused_and_nothing_is_written(
    kiosk: Kiosk, profiles: list[str], more: list[str], told: str
) -> None:
    bind(kiosk, *profiles)
    complaint = kiosk.complaint(*kiosk.consent(), *more)
    assert told in complaint
    assert "Nothing was recorded" in complaint
    assert [count(kiosk, table) for table in ("consent", "edition", "wording")] == [0, 0, 0]


def test_an_adult_agrees_under_a_policy_that_asks_for_one(kiosk: Kiosk) -> None:
    bind(kiosk, "asppm")
    kiosk.ok(*kiosk.consent(), "--guardian-born", "1985-04-02")
    row = [*ROSTER[2][:9], "850402400008"]
    kiosk.ok("enroll", "roster", kiosk.roster([row]))
    kiosk.ok(*kiosk.consent("S-2", "Dana Test"))


def test_the_roster_tells_how_old_a_member_of_staff_is(kiosk: Kiosk) -> None:
    bind(kiosk, "asppm")
    member = ["T-1", "Marat Test", "1985-04-02", "teachers", "", "", "", "", "", "", "staff"]
    kiosk.ok("enroll", "roster", kiosk.roster([member]))
    kiosk.ok("enroll", "consent", "T-1", "--evidence", kiosk.folder / "paper.pdf", "--wording", kiosk.wording)


def test_a_consent_lasts_as_long_as_the_strictest_policy_lets_it(kiosk: Kiosk) -> None:
    bind(kiosk, own(kiosk, OWN + '[editions.rules.retention]\nclause = "4"\ndays = 90\n'))
    assert "expires_at: 91 days are more than 90" in kiosk.complaint(*kiosk.consent(), "--days", 91)
    kiosk.ok(*kiosk.consent())
    with kiosk.vault() as vault:
        (given,) = vault.consents.live(datetime.now(UTC))
    assert given.expires_at - given.given_at == timedelta(days=90)


def test_meals_are_agreed_to_without_a_face(kiosk: Kiosk) -> None:
    kiosk.ok(*kiosk.consent(), "--purpose", "meals")
    assert "no guardian of this child has agreed to face access" in kiosk.complaint(
        "enroll", "face", "S-1", "--picture", kiosk.folder / "not-there.jpg"
    )


def test_a_wider_edition_asks_again_and_the_new_consent_needs_no_new_picture(kiosk: Kiosk) -> None:
    engine_or_skip()
    bind(kiosk, own(kiosk))
    kiosk.ok(*kiosk.consent())
    kiosk.ok("enroll", "face", "S-1", FACE)
    own(kiosk, OWN + WIDER)
    told = kiosk.ok("policy", "adopt", "school-7", "--yes")
    assert "It widens: data" in told
    assert "1 child will pass by card" in told
    assert "1 child waits for a guardian" in told
    assert "ask again" in kiosk.ok("enroll", "status")
    complaint = kiosk.complaint("enroll", "face", "S-1", FACE)
    assert "agreed to an earlier edition" in complaint
    assert "before a wider edition was adopted" in kiosk.complaint(*kiosk.consent())
    kiosk.wording.write_text("I agree to what the new edition adds", "utf-8")
    kiosk.ok(*kiosk.consent())
    (row,) = [line for line in kiosk.ok("enroll", "status").splitlines() if "S-1" in line]
    assert "ask again" not in row
    assert "0 children wait" in kiosk.ok("policy", "status")
    with kiosk.vault() as vault:
        (template,) = vault.templates.live("sface-2021dec", datetime.now(UTC))
    assert template.consent.edition == 2


def test_a_new_consent_is_recorded_while_the_data_are_restricted_and_lifts_nothing(kiosk: Kiosk) -> None:
    engine_or_skip()
    bind(kiosk, own(kiosk))
    kiosk.ok(*kiosk.consent())
    kiosk.ok("enroll", "face", "S-1", FACE)
    own(kiosk, OWN + WIDER)
    kiosk.ok("policy", "adopt", "school-7", "--yes")
    settings, now = load(kiosk.config, KioskSettings), datetime.now(UTC)
    with Vault.open(settings.vault.path, settings.vault.key, now=now, writable=True) as vault:
        (waiting,) = vault.consents.suspended(now)
        vault.blocks.restrict(Restriction("r-1", waiting.child, Asker.GUARDIAN, now))
    kiosk.wording.write_text("I agree to what the new edition adds", "utf-8")
    kiosk.ok(*kiosk.consent())
    with kiosk.vault() as vault:
        assert vault.templates.live("sface-2021dec", datetime.now(UTC)) == []
        assert len(vault.consents.of(waiting.child)) == 2


def test_a_paper_from_before_a_wider_edition_waits_though_its_text_is_new_here(kiosk: Kiosk) -> None:
    """Else a date would be enough to match a child under terms that no guardian saw."""
    bind(kiosk, own(kiosk))
    kiosk.ok(*kiosk.consent("S-2", "Dana Test"))
    own(kiosk, OWN + WIDER)
    kiosk.ok("policy", "adopt", "school-7", "--yes")
    kiosk.wording.write_text("A text that this vault never saw", "utf-8")
    before = (datetime.now(UTC) - timedelta(days=30)).date().isoformat()
    assert "and waits" in kiosk.ok(*kiosk.consent(), "--given", before)
    (row,) = [line for line in kiosk.ok("enroll", "status").splitlines() if "S-1" in line]
    assert "ask again" in row
    assert "agreed to an earlier edition" in kiosk.complaint("enroll", "face", "S-1", FACE)
    assert "school-7 1" in kiosk.ok("policy", "agreed", "S-1")


def test_a_paper_of_the_very_day_needs_the_hour(kiosk: Kiosk) -> None:
    bind(kiosk, own(kiosk))
    kiosk.ok(*kiosk.consent("S-2", "Dana Test"))
    own(kiosk, OWN + WIDER)
    kiosk.ok("policy", "adopt", "school-7", "--yes")
    adopted = datetime.now(ZoneInfo("Asia/Almaty"))
    kiosk.wording.write_text("I agree to what the new edition adds", "utf-8")
    told = kiosk.complaint(*kiosk.consent(), "--given", adopted.date().isoformat())
    assert "given_at: a wider edition of school-7 was adopted on that day" in told
    assert "and waits" not in kiosk.ok(*kiosk.consent(), "--given", adopted.isoformat())


def test_nobody_widens_by_accident(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command asks first; an end of input is a no."""
    bind(kiosk, own(kiosk))
    kiosk.ok(*kiosk.consent())
    own(kiosk, OWN + WIDER)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    code, out, _ = kiosk.run("policy", "adopt", "school-7")
    assert code == 1
    assert "It widens: data" in out
    assert count(kiosk, "edition") == 1


def test_what_was_agreed_to_can_be_shown_years_later(kiosk: Kiosk) -> None:
    bind(kiosk, "kezekshi", own(kiosk))
    kiosk.ok(*kiosk.consent())
    shown = kiosk.ok("policy", "agreed", "S-1", "--out", kiosk.folder / "texts")
    assert "kezekshi 1" in shown
    assert "school-7 1" in shown
    assert "live" in shown
    (text,) = (kiosk.folder / "texts").iterdir()
    assert text.read_text("utf-8") == "I agree"


def test_a_signed_paper_is_not_kept_as_the_wording(kiosk: Kiosk) -> None:
    """Wordings are kept for good and in clear: a signature among them could never be erased."""
    paper = kiosk.folder / "paper.pdf"
    complaint = kiosk.complaint(*kiosk.consent(), "--wording", paper)
    assert "the wording is the very file of the evidence" in complaint
    assert count(kiosk, "wording") == 0


def test_a_policy_named_no_more_stops_nothing_and_binds_on_until_the_school_leaves_it(kiosk: Kiosk) -> None:
    """Else a line less in a file would stop the nightly run, or let more be done than guardians agreed to."""
    engine_or_skip()
    bind(kiosk, own(kiosk))
    kiosk.ok(*kiosk.consent())
    kiosk.ok("enroll", "face", "S-1", FACE)
    bind(kiosk, "kezekshi")
    (kiosk.folder / "school.toml").unlink()
    kiosk.ok("retention", "run", "--yes")
    kiosk.ok(*kiosk.consent("S-2", "Dana Test"))
    assert "qaqpa-kiosk policy leave school-7" in kiosk.ok("policy", "status")
    settings, now = load(kiosk.config, KioskSettings), datetime.now(UTC)
    with kiosk.vault() as vault:
        rules = rules_in_force(vault, settings.policy.profiles, now.date())
    assert any("school-7" in source for source in rules["data"].sources)
    told = kiosk.ok("policy", "leave", "school-7", "--yes")
    assert "It widens: data" in told
    assert "2 children wait" in told
    assert "leave" not in kiosk.ok("policy", "status")
    assert "ask again" in kiosk.ok("enroll", "status")
    shown = kiosk.ok("policy", "agreed", "S-1")
    assert "school-7 1" in shown, "what was agreed to stays on record"
    assert "waits" in shown
    assert "policy_left" in (kiosk.folder / "audit.jsonl").read_text()


def test_a_policy_that_was_left_can_be_bound_again(kiosk: Kiosk) -> None:
    bind(kiosk, own(kiosk))
    kiosk.ok("policy", "adopt", "school-7")
    bind(kiosk, "kezekshi")
    kiosk.ok("policy", "leave", "school-7", "--yes")
    assert "cannot be left" in kiosk.complaint("policy", "leave", "school-7", "--yes")
    bind(kiosk, "kezekshi", own(kiosk))
    kiosk.ok("policy", "adopt", "school-7")
    own(kiosk, OWN + WIDER)
    kiosk.ok("policy", "adopt", "school-7", "--yes")
    assert "already" in kiosk.ok("policy", "adopt", "school-7")
    assert "cannot be left: it is named" in kiosk.complaint("policy", "leave", "school-7", "--yes")


def test_leaving_asks_first(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    bind(kiosk, own(kiosk))
    kiosk.ok(*kiosk.consent())
    bind(kiosk, "kezekshi")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert kiosk.run("policy", "leave", "school-7")[0] == 1
    assert count(kiosk, "edition") == 1


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("school-7", OWN + WIDER.replace("number = 2", "number = 3"), "number 3 follows 1; 2 is missing"),
        ("school-7", OWN + WIDER.replace("2025", "2999"), "edition 2 has published = 2999-09-01, which is"),
        ("school-7", OWN.replace("contacts", "iin"), "edition 1 is not what the school adopted"),
        ("school-8", OWN + WIDER, "not bound by a policy 'school-8'. It is bound by kezekshi, school-7"),
    ],
    ids=["gap", "future", "rewritten", "unknown"],
)
def test_an_edition_that_cannot_be_adopted_is_refused_and_nothing_is_written(
    kiosk: Kiosk, name: str, text: str, told: str
) -> None:
    bind(kiosk, "kezekshi", own(kiosk))
    kiosk.ok(*kiosk.consent())
    own(kiosk, text)
    assert told in kiosk.complaint("policy", "adopt", name, "--yes")
    assert count(kiosk, "edition") == 2


def test_adopting_what_is_in_force_already_says_so(kiosk: Kiosk) -> None:
    assert "In force: kezekshi, edition 1" in kiosk.ok("policy", "adopt", "kezekshi")
    assert "is in force already" in kiosk.ok("policy", "adopt", "kezekshi")
    trail = (kiosk.folder / "audit.jsonl").read_text()
    assert trail.count("edition_adopted") == 1
