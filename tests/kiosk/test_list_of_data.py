"""An inspector lays the consent beside the vault: what is held is on the list, and on every paper."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from edge.config import load
from edge.domain.consent import Consent, DataCategory
from edge.domain.ids import pseudonym
from edge.errors import ConfigError
from edge.policy.holding import filled
from edge.vault.vault import Vault
from enrollment.documents.facts import School, school_of
from enrollment.documents.make import write
from enrollment.documents.template import Paper, plain
from enrollment.documents.words import words_of
from enrollment.roster import COLUMNS
from enrollment.settings import KioskSettings, Language
from tests.kiosk.test_kiosk import ROSTER, Kiosk
from tests.kiosk.test_papers import PAPERS
from tests.kiosk.test_policy import bind, own

POLICY = """name = "school-7"
title = "School 7"
operator = "School 7"
[[editions]]
number = 1
[editions.rules.data]
clause = "3"
[editions.rules.data.only]
name = "3.1"
student_number = "3.1"
contacts = "3.2"
face_template = "3.3"
attendance_events = "3.4"
"""
BIRTHDAY = 'birth_date = "3.5"\n'
IIN = 'iin = "3.6"\n'
BORN = ("--guardian-born", "1985-04-02")
FULL = [*ROSTER[0][:8], "saule@test.example", "850402400008", "", "1985-04-02"]
BARE = ["S-1", "Aisha Test", "", "5A", "", "Saule Test", "mother", "+77010000001", "", "", "", ""]
TEACHER = ["T-1", "Marat Test", "", "teachers", "", "", "", "+77010000009", "", "", "staff", ""]
LISTING = (Paper.CONSENT, Paper.PARENTS, Paper.RECORD, Paper.DPIA, Paper.RETENTION)


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    return made


def held(kiosk: Kiosk, number: str = "S-1") -> frozenset[DataCategory]:
    """What the vault's roster really tells of somebody and of those who answer for them."""
    with kiosk.vault() as vault:
        child = vault.roster.child(pseudonym(vault.pseudonym_key, number))
        assert child is not None
        people = [filled(child), *(filled(each) for each in vault.roster.guardians(child.id))]
    return frozenset(kind for person in people for kind in person.values())


def consents(kiosk: Kiosk, number: str = "S-1") -> list[Consent]:
    with kiosk.vault() as vault:
        return vault.consents.of(pseudonym(vault.pseudonym_key, number))


def writable(kiosk: Kiosk) -> Vault:
    settings = load(kiosk.config, KioskSettings)
    return Vault.open(settings.vault.path, settings.vault.key, now=datetime.now(UTC), writable=True)


def papers_of(kiosk: Kiosk, *profiles: object, more: str = "") -> School:
    bind(kiosk, *profiles)
    kiosk.config.write_text(kiosk.config.read_text() + PAPERS + more, "utf-8")
    return school_of(load(kiosk.config, KioskSettings), [], None, date(2026, 11, 25))


@pytest.mark.parametrize("more", [None, "", BIRTHDAY, IIN, IIN + BIRTHDAY])
def test_what_the_vault_holds_after_a_consent_is_what_the_consent_lists(
    kiosk: Kiosk, more: str | None
) -> None:
    """Every column is filled before the school binds itself; `None`: Kezekshi alone, as by default."""
    assert all(value for name, value in zip(COLUMNS, FULL, strict=True) if name != "role")
    kiosk.ok("enroll", "roster", kiosk.roster([FULL]))
    if more is not None:
        bind(kiosk, "kezekshi", own(kiosk, POLICY + more))
    kiosk.ok(*kiosk.consent())
    (consent,) = consents(kiosk)
    beyond_the_roster = {DataCategory.FACE_TEMPLATE, DataCategory.ATTENDANCE_EVENTS}
    allowed_by_an_iin = {DataCategory.BIRTH_DATE} if more == IIN else set()
    assert consent.data == held(kiosk) | beyond_the_roster | allowed_by_an_iin
    assert (DataCategory.IIN in consent.data) is (more is None or IIN in more)
    assert (DataCategory.BIRTH_DATE in consent.data) is (more != "")


def test_a_column_that_a_policy_forbids_is_refused_with_the_clause(kiosk: Kiosk) -> None:
    bind(kiosk, "kezekshi", own(kiosk, POLICY + BIRTHDAY))
    complaint = kiosk.complaint("enroll", "roster", kiosk.roster([FULL]))
    assert "roster.csv was not imported: iin, guardian_iin: iin is not among what is in force" in complaint
    assert "(data: school-7 3)" in complaint
    assert FULL[4] not in complaint
    with kiosk.vault() as vault:
        assert vault.roster.all() == []
    without = [*FULL]
    without[COLUMNS.index("iin")] = without[COLUMNS.index("guardian_iin")] = ""
    kiosk.ok("enroll", "roster", kiosk.roster([without]))


def test_a_rectification_brings_nothing_in_that_a_policy_forbids(kiosk: Kiosk) -> None:
    bind(kiosk, own(kiosk, POLICY))
    kiosk.ok("enroll", "roster", kiosk.roster([BARE]))
    kiosk.ok("rights", "open", "rectification", "S-1", "--guardian", "Saule Test")
    complaint = kiosk.complaint("rights", "rectify", "S-1", "--iin=150402600004", "--born=2015-04-02")
    assert "nothing was corrected: " in complaint
    assert "(data: school-7 3)" in complaint
    assert not {DataCategory.IIN, DataCategory.BIRTH_DATE} & held(kiosk)


def test_a_guardian_who_is_added_brings_nothing_in_that_a_policy_forbids(kiosk: Kiosk) -> None:
    bind(kiosk, own(kiosk, POLICY))
    kiosk.ok("enroll", "roster", kiosk.roster([BARE]))
    added = ("guardian", "add", "S-1", "--guardian", "Marat Test", "--relation", "father")
    complaint = kiosk.complaint(*added, "--guardian-iin", "850402400008")
    assert "nobody was added: iin: iin is not among what is in force" in complaint
    assert not {DataCategory.IIN, DataCategory.BIRTH_DATE} & held(kiosk)
    kiosk.ok(*added)


def test_where_no_birthday_is_held_the_age_is_told_at_the_consent_and_not_kept(kiosk: Kiosk) -> None:
    bind(kiosk, own(kiosk, POLICY))
    kiosk.ok("enroll", "roster", kiosk.roster([BARE, TEACHER]))
    staff = ("enroll", "consent", "T-1", *kiosk.consent()[5:])
    assert "age of this guardian is not known" in kiosk.complaint(*kiosk.consent())
    assert "age of this member of staff is not known" in kiosk.complaint(*staff)
    assert "under 18" in kiosk.complaint(*kiosk.consent(), "--guardian-born", "2015-01-01")
    assert "under 18" in kiosk.complaint(*staff, "--guardian-born", "2015-01-01")
    for number, command in (("S-1", kiosk.consent()), ("T-1", staff)):
        kiosk.ok(*command, *BORN)
        assert DataCategory.BIRTH_DATE not in held(kiosk, number)


def test_the_nightly_run_destroys_what_a_policy_allows_no_more(kiosk: Kiosk) -> None:
    second = ["S-2", "Daniyar Test", *FULL[2:4], "", "Dana Test", *FULL[6:]]
    kiosk.ok("enroll", "roster", kiosk.roster([FULL, second]))
    kiosk.ok("rights", "open", "restriction", "S-2", "--guardian", "Dana Test")
    bind(kiosk, own(kiosk, POLICY))
    row = "people with fields not allowed"
    (told,) = [line for line in kiosk.ok("retention", "plan").splitlines() if row in line]
    assert told.split("│")[3].strip() == "1"
    assert DataCategory.IIN in held(kiosk)
    kiosk.ok("retention", "run", "--yes")
    assert not {DataCategory.IIN, DataCategory.BIRTH_DATE} & held(kiosk)
    assert DataCategory.IIN in held(kiosk, "S-2"), "somebody checks these data"
    assert '"surplus_dropped"' in (kiosk.folder / "audit.jsonl").read_text()
    kiosk.ok("rights", "open", "unblocking", "S-2", "--guardian", "Dana Test")
    kiosk.ok("rights", "unblock", "S-2")
    kiosk.ok("retention", "run", "--yes")
    assert not {DataCategory.IIN, DataCategory.BIRTH_DATE} & held(kiosk, "S-2")
    told = kiosk.ok("audit", "of", "S-1", "--language", "en")
    assert "what the policies do not allow was destroyed: Date of birth, IIN" in told


def test_an_earlier_shorter_list_is_kept_and_told_and_its_text_counts_for_nothing_new(kiosk: Kiosk) -> None:
    """Else a paper that never named the IIN would be on record as if it had."""
    kiosk.ok("enroll", "roster", kiosk.roster([FULL]))
    kiosk.ok(*kiosk.consent())
    (full,) = consents(kiosk)
    kiosk.ok("enroll", "withdraw", "S-1")
    older = frozenset(full.data - {DataCategory.IIN, DataCategory.BIRTH_DATE})
    kiosk.wording.write_text("I agree to a short list", "utf-8")
    with writable(kiosk) as vault:
        vault.wordings.keep(kiosk.wording.read_bytes(), full.edition, datetime.now(UTC))
        vault.consents.add(_shorter(full, kiosk, older))
    assert "Consents for 1 child do not list birth_date, iin" in kiosk.ok("policy", "status")
    refused = kiosk.complaint(*kiosk.consent())
    assert "data: this text was agreed to before birth_date, iin stood on the list" in refused
    assert [each.data for each in consents(kiosk) if each.withdrawn_at is None] == [older]
    with kiosk.vault() as vault:
        assert len(vault.consents.live(datetime.now(UTC))) == 1, "it counts on for what it lists"
    kiosk.wording.write_text("I agree to the whole list", "utf-8")
    kiosk.ok(*kiosk.consent())
    assert "do not list" not in kiosk.ok("policy", "status")


def _shorter(full: Consent, kiosk: Kiosk, data: frozenset[DataCategory]) -> Consent:
    sha256 = hashlib.sha256(kiosk.wording.read_bytes()).hexdigest()
    return replace(full, id="from-before", data=data, wording_sha256=sha256, withdrawn_at=None)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("paper", LISTING)
def test_every_paper_names_what_is_held_of_child_and_guardian(
    kiosk: Kiosk, paper: Paper, language: Language
) -> None:
    words = words_of(language)
    text = plain(write(paper, language, papers_of(kiosk, "kezekshi")))
    assert words.word["iin"] in text
    assert words.word["birth_date"] in text
    assert ", ".join(words.guardian.values()) in text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("paper", LISTING)
def test_no_paper_names_what_a_policy_forbids(kiosk: Kiosk, paper: Paper, language: Language) -> None:
    words = words_of(language)
    text = plain(write(paper, language, papers_of(kiosk, "kezekshi", own(kiosk, POLICY))))
    assert words.word["iin"] not in text
    assert text.count(words.word["birth_date"]) == (paper is Paper.CONSENT)  # there: that it is not written
    assert words.guardian["contacts"] in text


@pytest.mark.parametrize("language", list(Language))
def test_a_form_asks_for_a_birthday_where_no_iin_is_held(kiosk: Kiosk, language: Language) -> None:
    written = write(Paper.CONSENT, language, papers_of(kiosk, "kezekshi", own(kiosk, POLICY + BIRTHDAY)))
    (field,) = written.blocks[2].fields
    assert words_of(language).word["iin"] not in field
    assert words_of(language).word["birth_date"].split()[-1] in field


def test_nobody_is_given_data_that_the_school_does_not_hold(kiosk: Kiosk) -> None:
    """Else the form names a recipient of IINs, and a few lines above that no IIN is held."""
    canteen = '[[papers.recipients]]\nname = "Canteen LLP"\ndata = ["name", "iin"]\n'
    assert papers_of(kiosk, "kezekshi", more=canteen).settings.papers.recipients
    with pytest.raises(ConfigError, match=r"Canteen LLP is given iin, .* \(school-7 3\)"):
        papers_of(kiosk, own(kiosk, POLICY + BIRTHDAY), more=canteen)


def test_a_column_that_is_left_out_later_changes_nothing(kiosk: Kiosk) -> None:
    kiosk.ok("enroll", "roster", kiosk.roster([FULL]))
    kiosk.ok("enroll", "roster", kiosk.roster([BARE]))
    assert {DataCategory.IIN, DataCategory.BIRTH_DATE} <= held(kiosk)
    with kiosk.vault() as vault:
        child = vault.roster.child(pseudonym(vault.pseudonym_key, "S-1"))
    assert child is not None
    assert child.born == date(2015, 4, 2)


def test_a_notice_of_a_breach_names_no_data_that_nobody_holds(kiosk: Kiosk) -> None:
    bind(kiosk, own(kiosk, POLICY))
    kiosk.ok("enroll", "roster", kiosk.roster([BARE]))
    found = f"{datetime.now(UTC):%Y-%m-%d}T00:00"
    kiosk.ok("breach", "open", "--what", "a device is gone", "--found-at", found, "--contact", "+7701")
    (notice,) = kiosk.folder.glob("breach-*-authority.en.txt")
    text = notice.read_text("utf-8")
    assert "contacts" in text
    assert "IIN" not in text
    assert "date of birth" not in text
