"""Requests as the school's data officer handles them: the real commands, from the question to the answer."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edge.audit import AuditTrail, records
from edge.config import load
from edge.domain.ids import pseudonym
from edge.vault.vault import Vault
from enrollment.settings import KioskSettings
from tests.builders import ENGINE, unit_vector
from tests.kiosk.test_kiosk import ROSTER, Kiosk
from tests.kiosk.test_passes import needs_poppler, words_of

MOTHER, FATHER = "--guardian=Saule Test", "--guardian=Marat Test"
LONG_AGO = "2026-01-12"
ARTICLE_8 = {"operator", "operator_bin", "person", "guardian", "given_at", "expires_at", "third_parties"} | {
    "cross_border", "published", "data", "purposes", "channel", "evidence_sha256", "wording_sha256"
}  # fmt: skip
SAID = "I want to see everything"


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    return made


def opened(kiosk: Kiosk, right: str, *who: object) -> str:
    """The id of a new request."""
    return kiosk.ok("rights", "open", right, "S-1", *who).split()[1].rstrip(":")


def enrolled(kiosk: Kiosk, templates: int = 2) -> None:
    """Consent of the mother and stored templates, without the models."""
    kiosk.ok(*kiosk.consent())
    with writable(kiosk) as vault:
        child = pseudonym(vault.pseudonym_key, "S-1")
        (consent,) = vault.consents.of(child)
        vectors = [unit_vector(seed) for seed in range(templates)]
        vault.templates.add(child, consent.id, ENGINE, vectors, datetime.now(UTC))


def writable(kiosk: Kiosk) -> Vault:
    settings = load(kiosk.config, KioskSettings).vault
    return Vault.open(settings.path, settings.key, now=datetime.now(UTC), writable=True)


def acts(kiosk: Kiosk) -> list[str]:
    with kiosk.vault() as vault:
        return [str(record["what"]) for record, _ in records(kiosk.folder / "audit.jsonl", vault.audit_key)]


def row(kiosk: Kiosk, student: str = "S-1") -> str:
    return next(line for line in kiosk.ok("enroll", "status").splitlines() if student in line)


def test_a_late_request_is_loud_in_every_command_until_it_is_answered(kiosk: Kiosk) -> None:
    late = opened(kiosk, "complaint", MOTHER, "--received", LONG_AGO)
    opened(kiosk, "complaint", FATHER)
    for words in (
        ["enroll", "status"],
        ["pass", "list"],
        ["staff", "list"],
        ["hub-key", kiosk.folder / "hub.key"],
        ["rights", "list"],
    ):
        _, _, err = kiosk.run(*words)
        assert "1 request about a child's data is overdue" in err, words
        assert "qaqpa-kiosk rights list" in err
    listed = [line for line in kiosk.ok("rights", "list").splitlines() if "complaint" in line]
    assert [late in line for line in listed] == [True, False]
    assert kiosk.run("rights", "list", "--strict")[0] == 1
    kiosk.ok("rights", "close", late, "--outcome", "refused", "--answer", "There was nothing wrong")
    assert kiosk.run("rights", "list", "--strict")[0] == 0
    assert kiosk.run("enroll", "status")[2] == ""


def test_what_was_said_and_answered_is_shown_to_staff_and_stands_in_no_log(kiosk: Kiosk) -> None:
    id_ = opened(kiosk, "complaint", MOTHER, "--text", SAID, "--way", "letter")
    kiosk.ok("rights", "close", id_, "--outcome", "done", "--answer", "Here it is")
    shown = kiosk.ok("rights", "show", id_)
    assert SAID in shown
    assert "Here it is" in shown
    trail = (kiosk.folder / "audit.jsonl").read_text()
    assert acts(kiosk)[-3:] == ["request_opened", "request_closed", "request_seen"]
    for secret in (SAID, "Here it is", "Saule", "S-1"):
        assert secret not in trail


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["open", "access", "S-1"], "Give one of --guardian NAME, --child and --authority"),
        (["open", "access", "S-1", MOTHER, "--child"], "who asks is not clear"),
        (
            ["open", "access", "S-1", "--guardian=Somebody Else"],
            "guardian: this person is not on the roster as a guardian",
        ),
        (["open", "access", "S-77", "--child"], "S-77 is not on the roster"),
        (["open", "access", "S-1", "--child", "--received=2099-01-01"], "received is in the future"),
        (["open", "access", "S-1", "--child", "--received=soon"], "'soon' is no date"),
        (["open", "objection", "S-1", "--authority"], "an authority does not object"),
        (["open", "access", "S-1", "--child", "--whole"], "only a withdrawal can be whole"),
        (["archive", "S-1", "--out=a.zip"], "nobody has asked for access"),
        (["rectify", "S-1", "--group=6A"], "nobody has asked for rectification"),
        (["unblock", "S-1"], "nobody has asked for unblocking"),
        (["erase", "S-1", "--yes"], "nobody has asked for erasure"),
        (["close", "r-9", "--outcome=done"], "there is no request r-9"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_entered(kiosk: Kiosk, words: list[str], told: str) -> None:
    before = acts(kiosk)
    assert told in kiosk.complaint("rights", *words)
    assert acts(kiosk) == before
    with kiosk.vault() as vault:
        assert vault.requests.all() == []


def test_a_restriction_blocks_at_once_keeps_the_templates_and_is_lifted_by_a_person(kiosk: Kiosk) -> None:
    enrolled(kiosk)
    assert "Done at once" in kiosk.ok("rights", "open", "restriction", "S-1", "--authority")
    assert "restricted" in row(kiosk)
    assert "restricted while somebody checks" in kiosk.complaint(
        "enroll", "face", "S-1", "--picture=none.jpg"
    )
    opened(kiosk, "unblocking", "--authority")
    assert "1 restriction" in kiosk.ok("rights", "unblock", "S-1")
    assert "restricted" not in row(kiosk)
    with kiosk.vault() as vault:
        assert vault.templates.count(pseudonym(vault.pseudonym_key, "S-1")) == 2
        assert vault.requests.still_open() == []


def test_any_no_blocks_and_only_who_said_it_takes_it_back(kiosk: Kiosk) -> None:
    enrolled(kiosk)
    kiosk.ok("rights", "open", "objection", "S-1", FATHER)
    kiosk.ok("rights", "open", "objection", "S-1", "--child")
    assert "child objects" in row(kiosk)
    opened(kiosk, "unblocking", MOTHER)
    assert "has raised no objection" in kiosk.complaint("rights", "take-back", "S-1")
    mothers = kiosk.ok("rights", "list").split("unblocking")[0].split()[-2]
    kiosk.ok("rights", "close", mothers, "--outcome", "refused")
    opened(kiosk, "unblocking", "--child")
    kiosk.ok("rights", "take-back", "S-1")
    assert "guardian objects" in row(kiosk)
    opened(kiosk, "unblocking", FATHER)
    kiosk.ok("rights", "take-back", "S-1")
    assert "objects" not in row(kiosk)
    with kiosk.vault() as vault:
        assert vault.templates.count(pseudonym(vault.pseudonym_key, "S-1")) == 0


@pytest.mark.parametrize(("whole", "left"), [([], "Marat Test"), (["--whole"], None)])
def test_a_guardian_withdraws_the_own_consent_or_all(
    kiosk: Kiosk, whole: list[str], left: str | None
) -> None:
    enrolled(kiosk)
    kiosk.ok(*kiosk.consent(guardian="Marat Test"))
    kiosk.ok("rights", "open", "withdrawal", "S-1", MOTHER, *whole)
    with kiosk.vault() as vault:
        child = pseudonym(vault.pseudonym_key, "S-1")
        names = {each.id: each.full_name for each in vault.roster.guardians(child)}
        live = [names[c.guardian_id] for c in vault.consents.of(child) if c.withdrawn_at is None]
        assert live == ([left] if left else [])
        assert vault.templates.count(child) == 0


def test_an_erasure_is_done_once_asked_for_and_its_request_stays_without_a_name(kiosk: Kiosk) -> None:
    id_ = opened(kiosk, "erasure", MOTHER, "--text", SAID)
    assert "nothing was done" in kiosk.complaint("rights", "close", id_, "--outcome", "done")
    assert "whole record" in kiosk.ok("rights", "erase", "S-1", "--yes")
    shown = kiosk.ok("rights", "show", id_)
    assert "erased" in shown
    assert "done" in shown
    assert SAID not in shown
    assert "S-1" not in kiosk.ok("rights", "list", "--all")


def test_a_rectification_changes_what_was_asked_and_tells_no_log(kiosk: Kiosk) -> None:
    opened(kiosk, "rectification", MOTHER)
    told = kiosk.ok(
        "rights", "rectify", "S-1", "--group=6B", MOTHER, "--guardian-name=Saule Other", "--phone=+7702"
    )
    assert "group, guardian.full_name, guardian.phone" in told
    trail = (kiosk.folder / "audit.jsonl").read_text()
    assert "rectified" in trail
    for value in ("5A", "6B", "Saule", "+7701", "+7702"):
        assert value not in trail
    kiosk.ok(*kiosk.consent(guardian="Saule Other"))
    mended = [*ROSTER[0][:3], "6B", ROSTER[0][4], "Saule Other", *ROSTER[0][6:]]
    kiosk.ok("enroll", "roster", kiosk.roster([mended]))
    with kiosk.vault() as vault:
        names = [each.full_name for each in vault.roster.guardians(pseudonym(vault.pseudonym_key, "S-1"))]
    assert sorted(names) == ["Marat Test", "Saule Other"]


def test_another_iin_comes_by_rectification_only(kiosk: Kiosk) -> None:
    right, wrong = "040404500006", ROSTER[0][4]
    other = [[*ROSTER[0][:4], right, *ROSTER[0][5:]], ["S-9", "New", "2014-05-05", "6A", "", "P", "mother"]]
    complaint = kiosk.complaint("enroll", "roster", kiosk.roster(other))
    assert "S-1: iin: another IIN is known" in complaint
    assert "nothing was imported" in complaint
    assert wrong not in complaint
    with kiosk.vault() as vault:
        assert len(vault.roster.all()) == 2
    opened(kiosk, "rectification", MOTHER)
    assert "digit of an IIN is wrong" in kiosk.complaint("rights", "rectify", "S-1", "--iin=150402600005")
    kiosk.ok("rights", "rectify", "S-1", f"--iin={right}")
    kiosk.ok("enroll", "roster", kiosk.roster(other[:1]))


def archive(kiosk: Kiosk, *who: object, language: str = "en") -> dict[str, Any]:
    opened(kiosk, "access", *who)
    out = kiosk.folder / f"{language}.zip"
    kiosk.ok("rights", "archive", "S-1", "--out", out, "--language", language)
    assert out.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(out) as file:
        file.extractall(kiosk.folder / language)
    record = json.loads((kiosk.folder / language / "record.json").read_text("utf-8"))
    assert isinstance(record, dict)
    return record


def test_an_archive_holds_everything_about_the_child_and_no_biometrics(kiosk: Kiosk) -> None:
    enrolled(kiosk)
    kiosk.ok("pass", "issue", "S-1")
    kiosk.ok("rights", "open", "restriction", "S-1", FATHER)
    record = archive(kiosk, MOTHER, "--text", SAID)
    assert record["person"]["full_name"] == "Aisha Test"
    (consent,) = record["consents"]
    assert set(consent) >= ARTICLE_8
    (template,) = record["templates"]
    assert (template["engine"], template["count"]) == (ENGINE, 2)
    assert len(record["credentials"]) == 1
    assert len(record["restrictions"]) == 1
    text = (kiosk.folder / "en" / "record.json").read_text("utf-8")
    for word in ("record_read", "consent_recorded", SAID):
        assert word in text
    for word in ("vector", "score", "sealed", "card_hash"):
        assert word not in text
    with kiosk.vault() as vault:
        assert vault.requests.still_open() == []


def test_one_parent_is_not_told_the_other_ones_phone_and_words(kiosk: Kiosk) -> None:
    """Parents may live apart, and for a reason."""
    opened(kiosk, "complaint", FATHER, "--text", "about her")
    archive(kiosk, MOTHER)
    text = (kiosk.folder / "en" / "record.json").read_text("utf-8")
    assert "+77010000001" in text
    assert "Marat Test" in text
    assert "+77010000002" not in text
    assert "about her" not in text


@pytest.mark.parametrize(
    ("language", "title", "word"),
    [
        ("kk", "Сіз туралы не сақталады", "келісім жазылды"),
        ("ru", "Что о вас хранится", "записано согласие"),
        ("en", "What is held about you", "a consent was recorded"),
    ],
)
def test_the_paper_reads_in_the_parents_language(kiosk: Kiosk, language: str, title: str, word: str) -> None:
    needs_poppler()
    enrolled(kiosk)
    archive(kiosk, MOTHER, "--text", "<b>&amp", language=language)
    text = " ".join(words_of(kiosk.folder / language / "record.pdf").split())
    assert title in text
    assert word in text
    assert "Aisha Test" in text
    assert "<b>&amp" in text
    assert "None" not in text


def test_an_archive_tells_the_gates_passages_if_the_gate_is_on_this_device(kiosk: Kiosk) -> None:
    trail = kiosk.folder / "gate.jsonl"
    kiosk.config.write_text(f'gate_audit = "{trail}"\n' + kiosk.config.read_text())
    with kiosk.vault() as vault:
        mine, other = (pseudonym(vault.pseudonym_key, number).value for number in ("S-1", "S-2"))
        gate = AuditTrail(trail, vault.audit_key)
        for child in (mine, other):
            gate.record(datetime.now(UTC), "decision", outcome="grant", reason="recognised", child=child)
        gate.close()
    (passage,) = archive(kiosk, MOTHER)["passages"]
    assert passage["reason"] == "recognised"


@pytest.mark.parametrize("named", ["", 'gate_audit = "/nowhere/gate.jsonl"\n'])
@pytest.mark.parametrize(
    ("language", "unread", "hub"),
    [
        ("kk", "қақпаның журналы оқылмады", "мектеп торабы сақтайды"),
        ("ru", "журнал турникета здесь не читался", "хранит школьный узел"),
        ("en", "no trail of a gate was read here", "held by the school's hub"),
    ],
)
def test_an_archive_does_not_say_that_what_it_did_not_read_is_not_held(
    kiosk: Kiosk, language: str, unread: str, hub: str, named: str
) -> None:
    """The gate's trail may lie beside it, and attendance is at the hub: a parent asks there."""
    needs_poppler()
    kiosk.config.write_text(named + kiosk.config.read_text())
    record = archive(kiosk, MOTHER, language=language)
    assert record["passages"] is None
    text = " ".join(words_of(kiosk.folder / language / "record.pdf").split())
    for words in (unread, hub):
        assert words in text
    assert record["person"]["pseudonym"] in "".join(text.split())


def test_an_archive_never_overwrites_a_file(kiosk: Kiosk) -> None:
    opened(kiosk, "access", MOTHER)
    (kiosk.folder / "a.zip").write_text("mine")
    assert "exists already" in kiosk.complaint("rights", "archive", "S-1", "--out", kiosk.folder / "a.zip")
    assert (kiosk.folder / "a.zip").read_text() == "mine"
    with kiosk.vault() as vault:
        assert len(vault.requests.still_open()) == 1
