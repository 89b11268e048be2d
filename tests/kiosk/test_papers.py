"""What a school hands out says what is configured and in force, in three languages, and can be read."""

import base64
import hashlib
import re
import shutil
import subprocess
import zlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.command_line import command_line
from edge.config import load
from edge.domain.consent import DataCategory
from edge.domain.ids import pseudonym
from edge.errors import ConfigError
from edge.policy import vocabulary
from edge.policy.rules import ABOUT
from edge.vault.vault import Vault
from enrollment import cli
from enrollment.documents.elsewhere import GateSeen, HubSeen, read_gate, read_hub
from enrollment.documents.facts import School, school_of
from enrollment.documents.figures import SOURCES
from enrollment.documents.make import NEEDS, write
from enrollment.documents.template import Paper, plain, template_of
from enrollment.documents.words import words_of
from enrollment.settings import KioskSettings, Language
from sync.hub.settings import HttpSettings, NotifySettings, RetentionSettings
from tests.kiosk.test_kiosk import ROSTER, Kiosk
from turnstile.mode import Mode
from turnstile.settings import Faces, GateSettings, PadSettings

ROOT = Path(__file__).resolve().parents[2]
KIOSK = """school = "school-7"
audit = "kiosk-audit.jsonl"
[vault]
path = "vault.db"
[vault.key]
provider = "passphrase"
passphrase_file = "passphrase"
[operator]
name = "№ 7 мектеп"
bin = "230840002814"
"""
PAPERS = """[papers]
edition = 2026-11-25
address = "Абай, 7"
phone = "+7 700 000 00 00"
email = "school@example.com"
data_officer = "Үміт Ержанова"
ask = "Сәуле Әбдір"
"""
GATE = """school = "school-7"
gate = "main-door"
presence = "presence.db"
"""
HUB = 'school = "school-7"\n'
MONTHS = """name = "school-7"
title = "What School 7 promises"
operator = "School 7"
[[editions]]
number = 1
[editions.rules.retention]
clause = "2.1"
days = 181
[editions.rules.request_answer]
clause = "3.3"
working_days = 2
"""
WORDS_A_SENTENCE = 16
WORDS_FOR_A_CHILD = 130


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kiosk.toml").write_text(KIOSK + PAPERS, "utf-8")
    (tmp_path / "gate.toml").write_text(GATE, "utf-8")
    (tmp_path / "hub.toml").write_text(HUB, "utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every paper in every language, once."""
    folder = tmp_path_factory.mktemp("papers")
    for name, text in (("kiosk", KIOSK + PAPERS), ("gate", GATE), ("hub", HUB)):
        (folder / f"{name}.toml").write_text(text, "utf-8")
    run(folder)
    return folder / "out"


def run(folder: Path, *more: str, gates: tuple[str, ...] = ("gate.toml",), hub: bool = True) -> None:
    words = ["papers", "make", "--out", str(folder / "out"), "--config", str(folder / "kiosk.toml")]
    for gate in gates:
        words += ["--gate-config", str(folder / gate)]
    if hub:
        words += ["--hub-config", str(folder / "hub.toml")]
    done = CliRunner().invoke(command_line(cli.ABOUT, cli.COMMANDS, words), [*words, *more])
    if done.exception is not None:
        raise done.exception


def school(folder: Path, *gates: str, hub: bool = True) -> School:
    settings = load(folder / "kiosk.toml", KioskSettings)
    seen = [read_gate(folder / gate, settings.school) for gate in gates or ("gate.toml",)]
    found = read_hub(folder / "hub.toml", settings.school) if hub else None
    return school_of(settings, seen, found, date(2026, 11, 25))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def read(pdf: Path) -> str:
    """The text of all pages as poppler finds it, spaces and breaks as one space."""
    if shutil.which("pdftotext") is None:
        pytest.skip("needs poppler-utils")
    told = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True).stdout
    return " ".join(told.decode().split())


def name_of(paper: Paper, language: Language) -> str:
    gate = ".main-door" if paper is Paper.SIGN else ""
    return f"{paper.value}{gate}.{language.value}.pdf"


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("paper", list(Paper))
def test_each_paper_says_who_answers_and_from_when(made: Path, paper: Paper, language: Language) -> None:
    text = read(made / name_of(paper, language))
    for fact in ("№ 7 мектеп", "230840002814", "25.11.2026"):
        assert fact in text
    for key, fact in (("data_officer", "Үміт Ержанова"), ("ask", "Сәуле Әбдір"), ("address", "Абай, 7")):
        assert key not in NEEDS[paper].keys or fact in text


@pytest.mark.parametrize("language", list(Language))
def test_a_printed_page_has_every_letter(made: Path, language: Language) -> None:
    """A box instead of a letter: a parent cannot read what was agreed to."""
    for paper in Paper:
        pdf = made / name_of(paper, language)
        assert not set(drawn_without_a_font_of_its_own(pdf.read_bytes()))
        meant = set(plain(write(paper, language, school(made.parent)))) - set("_|\n \N{NO-BREAK SPACE}")
        assert meant <= set(read(pdf))


def drawn_without_a_font_of_its_own(pdf: bytes) -> list[bytes]:
    """Texts that are drawn in a font that is not embedded, such as a stand-in for a missing one."""
    objects = dict(re.findall(rb"(\d+) 0 obj\s(.*?)endobj", pdf, re.S))
    embedded = {
        number
        for number, body in objects.items()
        if b"/Subtype /TrueType" in body and b"/FontDescriptor" in body
    }
    fonts: dict[bytes, bytes] = {}
    for body in objects.values():
        fonts |= {alias: number for alias, number in re.findall(rb"/(F\d+(?:\+\d+)?) (\d+) 0 R", body)}
    texts = []
    for body in re.findall(rb"/ASCII85Decode.*?stream\r?\n(.*?)endstream", pdf, re.S):
        content = zlib.decompress(base64.a85decode(body.strip().removesuffix(b"~>")))
        for alias, rest in re.findall(rb"/(F\d+(?:\+\d+)?) [\d.]+ Tf(.*?)(?=/F\d|\Z)", content, re.S):
            if fonts[alias] not in embedded:
                texts += re.findall(rb"\((?:[^)\\]|\\.)+\) Tj", rest)
    return texts


@pytest.mark.parametrize("language", list(Language))
def test_the_consent_form_has_every_field_of_article_8(made: Path, language: Language) -> None:
    text, words = read(made / name_of(Paper.CONSENT, language)), words_of(language)
    written = write(Paper.CONSENT, language, school(made.parent))
    for fact in ("230840002814", "school@example.com", words.count(366, "days"), *words.policy.values()):
        assert "\\1" in fact or fact in text
    assert "☐ " + words.word["access"] in text
    assert "☐ " + words.word["attendance"] in text
    for kind in DataCategory:
        assert words.word[kind] in text
    assert len([each for block in written.blocks for each in block.fields]) == 7  # child, guardian, signature
    for clause in ("94-V", "5.1.2"):  # the border; third parties
        assert clause in text


@pytest.mark.parametrize("language", list(Language))
def test_the_hash_on_the_form_is_that_of_its_text(made: Path, language: Language) -> None:
    """Years later a signed form leads to the text that the vault keeps under this very hash."""
    text = (made / f"consent.{language.value}.txt").read_bytes()
    assert hashlib.sha256(text).hexdigest() in read(made / name_of(Paper.CONSENT, language))
    form = read(made / name_of(Paper.CONSENT, language))
    for word in text.decode().replace("_", " ").replace("|", " ").split():
        assert word in form


def test_a_shorter_term_and_a_quicker_answer_stand_on_the_papers(folder: Path) -> None:
    """A parent reads what the school's own policy promises, not what the product would."""
    (folder / "school.toml").write_text(MONTHS, "utf-8")
    change(
        folder / "kiosk.toml",
        "[papers]",
        f'[policy]\nprofiles = ["kezekshi", "{folder}/school.toml"]\n[papers]',
    )
    run(folder)
    for language in Language:
        words = words_of(language)
        for paper in (Paper.CONSENT, Paper.PARENTS, Paper.RETENTION, Paper.DPIA):
            text = read(folder / "out" / name_of(paper, language))
            assert words.count(181, "days") in text
            assert "school-7 2.1" in text
            assert words.count(2, "working_days") in text
            assert paper is Paper.RETENTION or words.count(366, "days") not in text  # there, of passes
        assert "181" in read(folder / "out" / name_of(Paper.CHILD, language))


def test_the_schedule_has_the_terms_of_the_school_and_of_its_hub(folder: Path) -> None:
    """The data officer signs what the nightly runs really do."""
    change(folder / "kiosk.toml", "[papers]", "[retention]\nunused_days = 121\nrecords_days = 731\n[papers]")
    (folder / "hub.toml").write_text(HUB + "[retention]\nevents_days = 200\n", "utf-8")
    for language in Language:
        text = plain(write(Paper.RETENTION, language, school(folder)))
        for days in (121, 731, 200, 90, 30):
            assert words_of(language).count(days, "days") in text


NO_TERM = {
    Language.KAZAKH: (
        "әр шешім мен оның уақыты",
        "МЕРЗІМ БЕЛГІЛЕНБЕГЕН",
        "журналдардың мерзімі белгіленбеген",
    ),
    Language.RUSSIAN: ("каждое решение с его временем", "НЕ УСТАНОВЛЕН", "Срок этих журналов не установлен"),
    Language.ENGLISH: ("each decision with its time", "NO TERM SET", "These trails have no term"),
}


@pytest.mark.parametrize("language", list(Language))
def test_nobody_is_told_that_decisions_of_the_gate_are_gone_when_they_are_not(
    folder: Path, language: Language
) -> None:
    """Its trail outlives even an erasure; requests do not, and the schedule told it the other way round."""
    decisions, no_term, told = NO_TERM[language]
    schedule = plain(write(Paper.RETENTION, language, school(folder)))
    (row,) = [line for line in schedule.splitlines() if decisions in line]
    assert no_term in row
    assert told in plain(write(Paper.PARENTS, language, school(folder)))
    records = words_of(language).count(school(folder).settings.retention.records_days, "days")
    (row,) = [line for line in schedule.splitlines() if "[retention] records_days" in line]
    assert records in row


def test_a_complaint_is_promised_the_term_that_the_register_counts(folder: Path) -> None:
    change(folder / "kiosk.toml", "[papers]", '[policy]\nprofiles = ["edoox"]\n[papers]')
    assert "Complain | 7 working days | Qaqpa" in plain(
        write(Paper.PARENTS, Language.ENGLISH, school(folder))
    )


def test_a_purpose_that_is_not_offered_is_not_on_the_form(folder: Path) -> None:
    change(folder / "kiosk.toml", "[papers]", '[papers]\npurposes = ["access"]')
    text = plain(write(Paper.CONSENT, Language.RUSSIAN, school(folder)))
    assert "☐ проход через турникет" in text
    assert "☐ учёт посещаемости" not in text


def test_a_purpose_that_faces_may_not_serve_is_refused_with_its_clause(folder: Path) -> None:
    change(folder / "kiosk.toml", "[papers]", '[papers]\npurposes = ["access", "meals"]')
    with pytest.raises(ConfigError, match=r"meals is not among .*kezekshi 3\.16"):
        school(folder)


def test_faces_at_a_gate_that_no_form_asks_for_are_refused(folder: Path) -> None:
    change(folder / "kiosk.toml", "[papers]", '[papers]\npurposes = ["attendance"]')
    with pytest.raises(ConfigError, match="main-door compares faces"):
        school(folder)


def test_without_the_purpose_of_access_no_template_is_spoken_of(folder: Path) -> None:
    change(folder / "kiosk.toml", "[papers]", '[papers]\npurposes = ["attendance"]')
    (folder / "gate.toml").write_text(GATE + 'mode = "credential_only"\n', "utf-8")
    text = plain(write(Paper.CONSENT, Language.ENGLISH, school(folder)))
    assert "template" not in text.split("6. Who else")[0].split("3. What for")[1]


def test_the_papers_tell_what_each_gate_does(folder: Path) -> None:
    second = GATE.replace("main-door", "yard") + 'mode = "credential_only"\ndirection = "out"\n'
    (folder / "yard.toml").write_text(second, "utf-8")
    (folder / "gate.toml").write_text(
        GATE + 'mode = "verify"\nengine = "dlib"\n[pad]\ndepth = true\n[faces]\nfpir = 0.001\n', "utf-8"
    )
    text = plain(write(Paper.DPIA, Language.ENGLISH, school(folder, "gate.toml", "yard.toml")))
    assert (
        "main-door | in | card or QR pass, then the face of its holder | dlib | 0.1\N{NO-BREAK SPACE}% | yes"
        in text
    )
    assert "yard | out | card or QR pass; no face is looked at | – | – | –" in text
    assert "Three checks" in text
    assert "No figure of this engine" in text
    assert "SFace missed" not in text  # that was measured with another engine
    run(folder, "--only", "sign", "--language", "en", gates=("gate.toml", "yard.toml"))
    assert "turn your head" in read(folder / "out" / "sign.main-door.en.pdf")
    assert "does not compare faces" in read(folder / "out" / "sign.yard.en.pdf")


def test_who_receives_data_stands_on_the_form_each_with_a_box(folder: Path) -> None:
    with (folder / "kiosk.toml").open("a", encoding="utf-8") as file:
        file.write('[[papers.recipients]]\nname = "Canteen LLP"\ndata = ["name", "attendance_events"]\n')
    text = plain(write(Paper.CONSENT, Language.ENGLISH, school(folder)))
    assert "☐ Canteen LLP, arrivals and departures, name and class, Kazakhstan" in text
    assert "nobody" not in text
    assert "Canteen LLP" in plain(write(Paper.RECORD, Language.KAZAKH, school(folder)))


def test_a_consent_to_the_form_leads_back_to_its_text_and_names_who_was_on_it(tmp_path: Path) -> None:
    """Years later the school shows what a guardian signed, and to whom it told what."""
    kiosk = Kiosk(tmp_path)
    with kiosk.config.open("a", encoding="utf-8") as file:
        file.write(PAPERS + '[[papers.recipients]]\nname = "Canteen LLP"\ndata = ["name"]\n')
    kiosk.ok("init")
    kiosk.ok("enroll", "roster", kiosk.roster(ROSTER))
    kiosk.ok("papers", "make", "--only", "consent", "--language", "kk", "--out", tmp_path / "out")
    form = tmp_path / "out" / "consent.kk.txt"
    words = ["--guardian", "Saule Test", "--evidence", tmp_path / "paper.pdf", "--wording", form]
    kiosk.ok("enroll", "consent", "S-1", *words)
    settings = load(kiosk.config, KioskSettings)
    with Vault.open(settings.vault.path, settings.vault.key, now=datetime.now(UTC)) as vault:
        (consent,) = vault.consents.of(pseudonym(vault.pseudonym_key, "S-1"))
        assert consent.third_parties == ("Canteen LLP",)
        assert vault.wordings.content(consent.wording_sha256) == form.read_bytes()


@pytest.mark.parametrize(
    ("recipient", "told"),
    [
        ('data = ["name"]\nabroad = true', "94-V, art. 12"),
        ('data = ["face_template"]', "never leave the device"),
    ],
)
def test_a_recipient_that_the_rules_forbid_is_refused(folder: Path, recipient: str, told: str) -> None:
    with (folder / "kiosk.toml").open("a", encoding="utf-8") as file:
        file.write(f'[[papers.recipients]]\nname = "Cloud"\n{recipient}\n')
    with pytest.raises(ConfigError, match=re.escape(told)):
        school(folder)


def test_what_is_missing_is_named_all_at_once_and_nothing_is_written(folder: Path) -> None:
    change(folder / "kiosk.toml", 'data_officer = "Үміт Ержанова"\n', "")
    change(folder / "kiosk.toml", "edition = 2026-11-25\n", "")
    with pytest.raises(ConfigError) as told:
        run(folder, gates=(), hub=False)
    for key in ("papers.data_officer", "papers.edition", "--gate-config"):
        assert key in told.value.args[0]
    assert not (folder / "out").exists()


def test_a_form_needs_no_gate(folder: Path) -> None:
    run(folder, "--only", "consent", "--language", "kk", gates=(), hub=False)
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["consent.kk.pdf", "consent.kk.txt"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('school = "school-7"', 'school = "school-8"', "belongs to the school"),
        ('gate = "main-door"', 'gate = "main-door"\nprofile = "unsafe_demo"', "demonstration"),
    ],
)
def test_another_schools_gate_and_a_demonstration_are_refused(
    folder: Path, old: str, new: str, told: str
) -> None:
    change(folder / "gate.toml", old, new)
    with pytest.raises(ConfigError, match=told):
        school(folder)


def test_without_a_hub_nothing_is_promised_about_messages(folder: Path) -> None:
    for language in Language:
        with_hub, without = (
            plain(write(Paper.PARENTS, language, school(folder, hub=hub))) for hub in (True, False)
        )
        assert len(with_hub) > len(without)
    assert "was not given" in plain(write(Paper.DPIA, Language.ENGLISH, school(folder, hub=False)))


def test_a_hub_that_others_can_reach_is_a_risk_on_paper(folder: Path) -> None:
    (folder / "hub.toml").write_text(
        HUB + 'database = "postgresql://qaqpa@db.district.example/qaqpa"\n[http]\nhost = "0.0.0.0"\n', "utf-8"
    )
    text = plain(write(Paper.DPIA, Language.ENGLISH, school(folder)))
    assert "on the server db.district.example" in text
    assert "proxy with a login" in text
    (folder / "hub.toml").write_text(HUB + 'database = "/var/lib/qaqpa/hub.db"\n', "utf-8")
    text = plain(write(Paper.DPIA, Language.ENGLISH, school(folder)))
    assert "on the server" not in text
    assert "for the local machine only" in text


def test_the_same_configuration_makes_the_same_bytes(folder: Path, made: Path) -> None:
    """Else the hash of a form printed today would differ from that of one printed yesterday."""
    run(folder, "--only", "consent")
    for path in (folder / "out").iterdir():
        assert path.read_bytes() == (made / path.name).read_bytes()


@pytest.mark.parametrize("language", list(Language))
def test_a_child_of_ten_can_read_its_notice(made: Path, language: Language) -> None:
    text = plain(write(Paper.CHILD, language, school(made.parent)))
    assert len(text.split()) <= WORDS_FOR_A_CHILD
    blocks = template_of(Paper.CHILD, language).blocks
    assert all(block.picture for block in blocks)
    for sentence in (each for block in blocks for each in re.split(r"[.?!—]", block.text)):
        assert len(sentence.split()) <= WORDS_A_SENTENCE, sentence


@pytest.mark.parametrize("language", list(Language))
def test_a_sign_and_a_childs_notice_are_one_page_whatever_the_names(folder: Path, language: Language) -> None:
    change(folder / "kiosk.toml", "№ 7 мектеп", "Мамандандырылған лицей-интернат " * 6)
    change(folder / "kiosk.toml", "Сәуле Әбдір", "Сәуле Әбдірқызы, кезекші мұғалім, бірінші қабат " * 4)
    (folder / "gate.toml").write_text(GATE + "[pad]\ndepth = true\n", "utf-8")
    run(folder, "--only", "sign", "--only", "child", "--language", language.value)
    for path in (folder / "out").iterdir():
        assert path.read_bytes().count(b"/Type /Page\n") == 1


@pytest.mark.parametrize("language", list(Language))
def test_every_word_that_a_policy_may_use_has_a_name(language: Language) -> None:
    """A school's own policy may name any of them, and its papers must say it."""
    words = words_of(language)
    scales = (vocabulary.Proof, vocabulary.Marketing, vocabulary.NewEdition)
    lists = (vocabulary.Represented, vocabulary.Data, vocabulary.Use, vocabulary.Ground, vocabulary.Condition)
    used = {word.value for kind in (*scales, *lists, vocabulary.Obstacle) for word in kind}
    assert used <= words.word.keys()
    assert words.rule.keys() == ABOUT.keys()
    assert words.mode.keys() == {mode.value for mode in Mode}


@pytest.mark.parametrize("paper", list(Paper))
def test_the_three_languages_have_the_same_parts(paper: Paper) -> None:
    """Else a parent who reads Kazakh is told less than one who reads Russian."""

    def shape(language: Language) -> list[object]:
        blocks = template_of(paper, language).blocks
        return [
            (
                (each.when, each.unless, each.table, each.ticks, each.picture),
                (len(each.items), len(each.fields), facts_in(each.text + " ".join(each.items))),
                [(row.when, row.unless, facts_in(" ".join(row.cells))) for row in each.rows],
            )
            for each in blocks
        ]

    def facts_in(text: str) -> list[str]:
        return sorted(re.findall(r"\{(\w+)\}", text))

    assert shape(Language.KAZAKH) == shape(Language.RUSSIAN) == shape(Language.ENGLISH)


def test_defaults_are_those_of_the_processes_themselves() -> None:
    """A key that is left out of gate.toml means the same on paper as at the gate."""
    fields, seen = GateSettings.model_fields, GateSeen(school="s", gate="g")  # type: ignore[arg-type] # as in a file
    for name in ("profile", "direction", "mode", "engine", "presence"):
        assert getattr(seen, name) == fields[name].default, name
    assert seen.pad.depth == PadSettings().depth
    assert seen.faces.fpir == Faces().fpir
    assert HubSeen(school="s").http.host == HttpSettings().host  # type: ignore[arg-type] # as in a file
    kept = HubSeen(school="s").retention  # type: ignore[arg-type] # as in a file
    assert (kept.events_days, kept.quarantine_days) == (
        RetentionSettings().events_days,
        RetentionSettings().quarantine_days,
    )
    notify = HubSeen(school="s").notify  # type: ignore[arg-type] # as in a file
    assert (notify.late_minutes, notify.give_up_hours) == (
        NotifySettings().late_minutes,
        NotifySettings().give_up_hours,
    )


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_figure_stands_in_the_document_it_comes_from(name: str) -> None:
    figure = SOURCES[name]
    page = (ROOT / "docs" / figure.document).read_text("utf-8")
    assert figure.stands in " ".join(page.split()) or figure.stands in page
    assert f"{figure.value:g}" in figure.stands


def test_the_impact_assessment_is_marked_as_a_draft(made: Path) -> None:
    for language in Language:
        assert words_of(language).draft.split(".")[0] in read(made / name_of(Paper.DPIA, language))
