"""A guardian who lost the rights over a child, as staff remove one: the real commands on a real vault."""

import csv
import io
from datetime import UTC, datetime

import pytest

from edge.audit import records
from edge.domain.ids import ChildId, pseudonym
from edge.domain.removal import Removal, RemovalReason
from edge.receipt import verify_receipt
from tests.builders import ENGINE
from tests.kiosk.test_kiosk import BORN, ROSTER, Kiosk
from tests.kiosk.test_passes import needs_poppler, words_of
from tests.kiosk.test_rights import FATHER, MOTHER, archive, enrolled, kiosk, opened, row, writable

__all__ = ["kiosk"]
RIGHTS_ENDED = "--reason=rights_ended"
SECRETS = ("Saule", "Marat", "+7701", BORN, "S-1")


def removed(kiosk: Kiosk, *words: object, reason: str = RIGHTS_ENDED) -> str:
    return kiosk.ok("guardian", "remove", *words, reason, "--yes")


def child_of(kiosk: Kiosk, student: str = "S-1") -> ChildId:
    with kiosk.vault() as vault:
        return pseudonym(vault.pseudonym_key, student)


def names(kiosk: Kiosk, student: str = "S-1") -> list[str]:
    with kiosk.vault() as vault:
        child = pseudonym(vault.pseudonym_key, student)
        return sorted(each.full_name for each in vault.roster.guardians(child))


def matched(kiosk: Kiosk) -> set[ChildId]:
    with kiosk.vault() as vault:
        return {each.consent.child for each in vault.templates.live(ENGINE, datetime.now(UTC))}


def test_what_a_removed_guardian_agreed_to_ends_and_their_data_are_gone(kiosk: Kiosk) -> None:
    enrolled(kiosk)
    told = removed(kiosk, "S-1", MOTHER)
    assert "Removed from S-1" in told
    assert "consents ended: 1; face templates destroyed: 2" in told
    assert "S-1 passes by card: no consent" in told
    assert "qaqpa-hub directory import" in told
    assert names(kiosk) == ["Marat Test"]
    assert matched(kiosk) == set()
    assert "none: card" in row(kiosk)
    assert "not on the roster as a guardian" in kiosk.complaint(*kiosk.consent())
    with kiosk.vault() as vault:
        (consent,) = vault.consents.of(child_of(kiosk))
        (done,) = vault.erasures.of(child_of(kiosk))
        receipt = vault.erasures.receipt(done.number)
        assert receipt is not None
        assert consent.withdrawn_at is not None
        assert consent.evidence_sha256
        assert verify_receipt(receipt, vault.signer().public_key())["destroyed"] == {
            "child_key": 1, "guardian": 1, "template": 2,
        }  # fmt: skip
    kiosk.ok("receipt", "S-1")


def test_a_removed_guardian_is_on_no_list_of_whom_to_tell(kiosk: Kiosk) -> None:
    removed(kiosk, "S-1", MOTHER)
    found = datetime.now(UTC).isoformat()
    lost = ("--what=Lost", f"--found-at={found}", "--data=contacts", "--measures=none", "--contact=Office")
    kiosk.ok("breach", "open", *lost, "--student=S-1", f"--out={kiosk.folder}")
    (recipients,) = kiosk.folder.glob("*-recipients.csv")
    with recipients.open(encoding="utf-8-sig", newline="") as file:
        assert [line["guardian_name"] for line in csv.DictReader(file)] == ["Marat Test"]


def test_the_trail_says_that_why_and_by_whom_and_never_who(kiosk: Kiosk) -> None:
    enrolled(kiosk)
    removed(kiosk, "S-1", MOTHER)
    trail = (kiosk.folder / "audit.jsonl").read_text()
    assert not [secret for secret in SECRETS if secret in trail]
    with kiosk.vault() as vault:
        said = [each for each, _ in records(kiosk.folder / "audit.jsonl", vault.audit_key)]
    (line,) = [each for each in said if each["what"] == "guardian_removed"]
    assert line["why"] == "rights_ended"
    assert line["child"] == child_of(kiosk).value
    for language, sentence in {
        "kk": "заңды өкіл тізімнен алынды (өкілдік құқығы тоқтады",
        "ru": "законный представитель исключён из списка (права представителя прекращены",
        "en": f"a guardian was removed by {line['by']} (their rights ended), consents ended: 1",
    }.items():
        assert sentence in " ".join(kiosk.ok("audit", "of", "S-1", "--language", language).split())


def test_a_child_goes_on_under_the_consent_of_another_guardian(kiosk: Kiosk) -> None:
    """Nobody agreed less than before to what is done, so the child is not sent to have a picture taken."""
    enrolled(kiosk)
    kiosk.ok(*kiosk.consent(guardian="Marat Test"))
    told = removed(kiosk, "S-1", MOTHER)
    assert "consents ended: 1; face templates destroyed: 0" in told
    assert "passes by card" not in told
    assert matched(kiosk) == {child_of(kiosk)}
    removed(kiosk, "S-1", FATHER)
    assert matched(kiosk) == set()


def test_a_removed_guardian_who_never_agreed_changes_nothing_at_the_gate(kiosk: Kiosk) -> None:
    enrolled(kiosk)
    told = removed(kiosk, "S-1", FATHER, reason="--reason=by_mistake")
    assert "consents ended: 0; face templates destroyed: 0" in told
    assert matched(kiosk) == {child_of(kiosk)}
    with kiosk.vault() as vault:
        (done,) = vault.erasures.of(child_of(kiosk))
    assert dict(done.destroyed) == {"guardian": 1}


def test_what_a_removed_guardian_objected_to_stays_until_somebody_takes_it_back(kiosk: Kiosk) -> None:
    enrolled(kiosk)
    kiosk.ok("rights", "open", "objection", "S-1", FATHER)
    kiosk.ok("rights", "open", "objection", "S-1", MOTHER)
    told = removed(kiosk, "S-1", FATHER)
    assert "S-1 passes by card: guardian objects" in told
    assert "rights take-back S-1" in told
    for what in ("her own one", "his"):
        assert "guardian objects" in row(kiosk), what
        opened(kiosk, "unblocking", MOTHER)
        assert "1 objection" in kiosk.ok("rights", "take-back", "S-1")
    assert "objects" not in row(kiosk)


def test_the_child_too_takes_back_what_a_removed_guardian_objected_to(kiosk: Kiosk) -> None:
    kiosk.ok("rights", "open", "objection", "S-1", FATHER)
    opened(kiosk, "unblocking", "--child")
    assert "has raised no objection" in kiosk.complaint("rights", "take-back", "S-1")
    removed(kiosk, "S-1", FATHER)
    assert "1 objection" in kiosk.ok("rights", "take-back", "S-1")


def test_a_roster_file_does_not_bring_a_removed_guardian_back(kiosk: Kiosk) -> None:
    removed(kiosk, "S-1", FATHER)
    older = [[*each[:3], "6A", *each[4:]] if each[0] == "S-1" else each for each in ROSTER]
    told = kiosk.ok("enroll", "roster", kiosk.roster(older))
    assert "Imported from the roster file: 2" in told
    assert "Not brought back to S-1: the father, removed as a guardian on" in told
    assert "(rights ended)" in told
    assert names(kiosk) == ["Saule Test"]
    assert "6A" in row(kiosk)
    kiosk.ok("enroll", "roster", kiosk.roster([each for each in older if each[5] != "Marat Test"]))
    assert names(kiosk) == ["Saule Test"]


def test_a_name_that_was_corrected_is_kept_out_under_both(kiosk: Kiosk) -> None:
    opened(kiosk, "rectification", MOTHER)
    kiosk.ok("rights", "rectify", "S-1", FATHER, "--guardian-name=Marat Other")
    removed(kiosk, "S-1", "--guardian=Marat Other")
    other = [[*each[:5], "Marat Other", *each[6:]] if each[5] == "Marat Test" else each for each in ROSTER]
    for file in (ROSTER, other):
        assert "Not brought back to S-1" in kiosk.ok("enroll", "roster", kiosk.roster(file))
        assert names(kiosk) == ["Saule Test"]
    kiosk.ok("guardian", "add", "S-1", "--guardian=Marat Other", "--relation=father")
    assert names(kiosk) == ["Marat Other", "Saule Test"]


def test_one_who_is_added_again_is_asked_again(kiosk: Kiosk) -> None:
    enrolled(kiosk)
    removed(kiosk, "S-1", MOTHER, reason="--reason=by_mistake")
    add = ("guardian", "add", "S-1", MOTHER, "--relation=mother", f"--guardian-born={BORN}")
    assert "without a consent" in kiosk.ok(*add)
    assert names(kiosk) == ["Marat Test", "Saule Test"]
    assert matched(kiosk) == set()
    assert "none: card" in row(kiosk)
    assert "guardian of the child already" in kiosk.complaint(*add)
    assert "Not brought back" not in kiosk.ok("enroll", "roster", kiosk.roster(ROSTER))
    kiosk.ok(*kiosk.consent())
    assert "none: card" not in row(kiosk)


def test_the_last_guardian_can_go_and_a_new_one_can_come(kiosk: Kiosk) -> None:
    enrolled(kiosk)
    removed(kiosk, "S-1", FATHER)
    told = removed(kiosk, "S-1", MOTHER)
    assert "S-1 has no guardian now" in told
    assert "guardian add S-1" in told
    assert matched(kiosk) == set()
    for each in ("Saule Test", "Marat Test"):
        assert "not on the roster as a guardian" in kiosk.complaint(*kiosk.consent(guardian=each))
    kiosk.ok("enroll", "roster", kiosk.roster(ROSTER), "--complete")
    assert names(kiosk) == []
    kiosk.ok("guardian", "add", "S-1", "--guardian=Aunt Test", "--relation=aunt", f"--guardian-born={BORN}")
    kiosk.ok(*kiosk.consent(guardian="Aunt Test"))


def test_several_children_at_once_or_none_of_them(kiosk: Kiosk) -> None:
    sibling = [["S-3", "Brother Test", "2013-04-02", "7A", "", *each[5:]] for each in ROSTER[:2]]
    kiosk.ok("enroll", "roster", kiosk.roster([*ROSTER, *sibling]))
    complaint = kiosk.complaint("guardian", "remove", "S-1", "S-2", FATHER, RIGHTS_ENDED, "--yes")
    assert "not on the roster as a guardian" in complaint
    assert names(kiosk) == ["Marat Test", "Saule Test"]
    assert "A guardian of this name stands with S-3 too" in removed(kiosk, "S-1", MOTHER)
    told = removed(kiosk, "S-1", "S-3", FATHER)
    assert "Removed from S-1" in told
    assert "Removed from S-3" in told
    assert "of this name stands" not in told
    assert (names(kiosk), names(kiosk, "S-3")) == ([], ["Saule Test"])


def test_the_other_child_keeps_what_is_held_of_its_guardian(kiosk: Kiosk) -> None:
    kiosk.ok(
        "enroll", "roster", kiosk.roster([*ROSTER, ["S-3", "Sister", "2013-04-02", "7A", "", *ROSTER[0][5:]]])
    )
    removed(kiosk, "S-1", MOTHER)
    with kiosk.vault() as vault:
        (mother,) = vault.roster.guardians(pseudonym(vault.pseudonym_key, "S-3"))
    assert mother.phone == "+77010000001"


def test_a_removed_guardian_is_handed_nothing_that_was_asked_for_before(kiosk: Kiosk) -> None:
    asked = opened(kiosk, "access", FATHER)
    told = removed(kiosk, "S-1", FATHER)
    assert f"qaqpa-kiosk rights close {asked}" in told
    assert "nobody has asked for access" in kiosk.complaint("rights", "archive", "S-1", "--out=a.zip")
    assert not (kiosk.folder / "a.zip").exists()
    kiosk.ok("rights", "close", asked, "--outcome=refused", "--answer=No guardian any more")
    assert asked not in kiosk.ok("rights", "list")


def test_the_archive_tells_of_the_removal_and_holds_no_name_of_theirs(kiosk: Kiosk) -> None:
    enrolled(kiosk)
    opened(kiosk, "complaint", MOTHER, "--text", "between us")
    kiosk.ok("rights", "open", "objection", "S-1", MOTHER)
    removed(kiosk, "S-1", MOTHER)
    record = archive(kiosk, FATHER)
    gone = record["guardians"][-1]
    assert gone["reason"] == "rights_ended"
    assert record["consents"][0]["guardian"] == gone["pseudonym"] == record["objections"][0]["by"]
    assert "guardian_removed" in {each["what"] for each in record["acts"]}
    text = (kiosk.folder / "en" / "record.json").read_text("utf-8")
    for secret in ("Saule", "+77010000001", "between us"):
        assert secret not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ("Тізімнен алынды", "өкілдік құқығы тоқтады")),
        ("ru", ("Исключён из списка", "права представителя прекращены")),
        ("en", ("Removed", "their rights ended")),
    ],
)
def test_the_paper_tells_of_the_removal_in_words(kiosk: Kiosk, language: str, words: tuple[str, str]) -> None:
    needs_poppler()
    enrolled(kiosk)
    removed(kiosk, "S-1", MOTHER)
    archive(kiosk, FATHER, language=language)
    text = " ".join(words_of(kiosk.folder / language / "record.pdf").split())
    assert not [each for each in words if each not in text]
    assert "rights_ended" not in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["remove", "S-1", "--guardian=Somebody Else", RIGHTS_ENDED, "--yes"],
            "not on the roster as a guardian",
        ),
        (["remove", "S-77", FATHER, RIGHTS_ENDED, "--yes"], "S-77 is not on the roster"),
        (["remove", "S-1", FATHER, "--reason=dislike", "--yes"], "dislike"),
        (["remove", "T-1", "--guardian=Member Test", RIGHTS_ENDED, "--yes"], "staff answer for themselves"),
        (["add", "T-1", "--guardian=A B", "--relation=mother"], "staff answer for themselves"),
        (["add", "S-1", "--guardian= ", "--relation=mother"], "nobody was added"),
        (
            ["add", "S-1", "--guardian=A B", "--relation=aunt", "--guardian-iin=150402600005"],
            "nobody was added",
        ),
        (["add", "S-1", "--guardian=saule  test", "--relation=aunt"], "guardian of the child already"),
    ],
)
def test_a_mistake_is_named_and_nobody_changes(kiosk: Kiosk, words: list[str], told: str) -> None:
    member = ["T-1", "Member Test", "1980-05-17", "staff", "", "", "", "", "", "", "staff", ""]
    kiosk.ok("enroll", "roster", kiosk.roster([*ROSTER, member]))
    assert told in kiosk.complaint("guardian", *words)
    assert names(kiosk) == ["Marat Test", "Saule Test"]


def test_without_a_yes_nobody_is_removed(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert kiosk.run("guardian", "remove", "S-1", FATHER, RIGHTS_ENDED)[0] == 1
    assert names(kiosk) == ["Marat Test", "Saule Test"]


def test_a_removal_whose_power_went_is_noted_at_the_next_command(kiosk: Kiosk) -> None:
    """The vault knows why and by whom; the trail learns it late, and the receipt is signed then."""
    child = child_of(kiosk)
    with writable(kiosk) as vault:
        theirs = next(each for each in vault.roster.guardians(child) if each.full_name == "Marat Test")
        at = datetime.now(UTC)
        vault.remove_guardian([Removal(theirs.id, child, at, RemovalReason.OWN_WISH, "aigul", theirs.id)])
    told = kiosk.ok("audit", "of", "S-1", "--language", "en")
    assert "a guardian was removed by aigul (at their own wish)" in " ".join(told.split())
    with kiosk.vault() as vault:
        assert vault.erasures.uncertified() == []


def test_an_erasure_takes_the_mark_of_a_removal_too(kiosk: Kiosk) -> None:
    removed(kiosk, "S-1", FATHER)
    child = child_of(kiosk)
    kiosk.ok("enroll", "erase", "S-1", "--yes")
    with kiosk.vault() as vault:
        assert vault.removals.of(child) == []
