"""Passes and cards as staff hand them out: the real commands, and the paper read as the gate reads it."""

import io
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from edge.audit import verify
from edge.credentials.check import CardShown, CredentialCheck, QrShown
from edge.domain.credentials import Holder, HolderKind, Refusal
from edge.domain.ids import Slug, pseudonym
from edge.vision.frame import Image
from edge.vision.qr import read_codes
from enrollment import pass_sheet
from tests.kiosk.test_kiosk import ROSTER, Kiosk

SCHOOL = Slug("school-7")
CARD = "0012345678\n"
LAST_DAY = (datetime.now(UTC) + timedelta(days=200)).date()
DOTS_PER_INCH = 120
FULL_NAME = "Тест Ұлжан"


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    child = ["S-3", FULL_NAME, "2014-05-05", "7Ә", "", "Ана Тест", "mother", "", "", ""]
    made.ok("enroll", "roster", made.roster([*ROSTER, child]))
    return made


def with_card(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, *arguments: str, number: str = CARD) -> str:
    """A command that asks for a card, answered by a reader that types."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(number))
    return kiosk.ok("card", *arguments)


def codes_of(pdf: Path) -> list[str]:
    """Every code on every page, as a camera would read it off the paper."""
    return [code for page in pages_of(pdf) for code in read_codes(page)]


def pages_of(pdf: Path) -> list[Image]:
    needs_poppler()
    subprocess.run(
        ["pdftoppm", "-r", str(DOTS_PER_INCH), "-png", str(pdf), str(pdf.with_suffix(""))],
        check=True,
        timeout=60,
    )
    pages = [cv2.imread(str(page)) for page in sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))]
    return [page.astype(np.uint8) for page in pages if page is not None]


def needs_poppler() -> None:
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed (apt-get install poppler-utils)")


def words_of(pdf: Path) -> str:
    needs_poppler()
    done = subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout


def answers(kiosk: Kiosk, codes: list[str], after: timedelta = timedelta()) -> list[Holder | Refusal]:
    with kiosk.vault() as vault:
        gate = CredentialCheck(vault, SCHOOL)
        return [gate.check(QrShown("camera", code), 0.0, datetime.now(UTC) + after) for code in codes]


def holder(kiosk: Kiosk, student: str) -> Holder:
    with kiosk.vault() as vault:
        return Holder(HolderKind.CHILD, pseudonym(vault.pseudonym_key, student))


def test_a_printed_sheet_opens_the_gate_for_each_child_on_it(kiosk: Kiosk) -> None:
    """Nobody here has consented to faces: a pass is for everybody."""
    assert "3 passes issued" in kiosk.ok("pass", "issue", "--all")
    sheet = kiosk.folder / "passes.pdf"
    assert "3 passes on 1 page" in kiosk.ok("pass", "sheet", "--out", sheet)
    read = answers(kiosk, codes_of(sheet))
    assert set(read) == {holder(kiosk, student) for student in ("S-1", "S-2", "S-3")}
    assert sheet.stat().st_mode & 0o777 == 0o600


def test_a_sheet_goes_over_several_pages_and_loses_nobody(kiosk: Kiosk) -> None:
    rows = [
        [f"N-{n:02}", f"Test Child{n}", "2014-05-05", "9Г", "", "Ана", "mother", "", "", ""]
        for n in range(19)
    ]
    kiosk.ok("enroll", "roster", kiosk.roster(rows))
    kiosk.ok("pass", "issue", "--group", "9Г")
    sheet = kiosk.folder / "class.pdf"
    assert "19 passes on 3 pages" in kiosk.ok("pass", "sheet", "--group", "9Г", "--out", sheet)
    assert len(set(codes_of(sheet))) == 19


def test_each_code_keeps_its_white_margin_inside_its_card(kiosk: Kiosk) -> None:
    """Cut out, a code without four white modules around it is not read on a dark shirt."""
    kiosk.ok("pass", "issue", "--all")
    kiosk.ok("pass", "sheet", "--out", kiosk.folder / "p.pdf")
    (page,) = pages_of(kiosk.folder / "p.pdf")
    dots = DOTS_PER_INCH / 72
    for place, code in enumerate(
        sorted(zxingcpp.read_barcodes(page), key=lambda code: code.position.top_left.x)
    ):
        left, bottom = pass_sheet._corner(place)
        top = page.shape[0] - (bottom + pass_sheet.HEIGHT) * dots
        quiet = 4 * (code.position.top_right.x - code.position.top_left.x) / 41
        assert code.position.top_left.x - left * dots >= quiet
        assert (left + pass_sheet.WIDTH) * dots - code.position.top_right.x >= quiet
        assert code.position.top_left.y - top >= quiet


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "дейін жарамды"),
        ("ru", f"Действует до {LAST_DAY:%d.%m.%Y}"),
        ("en", f"Valid until {LAST_DAY:%d.%m.%Y}"),
    ],
)
def test_a_pass_speaks_the_schools_language_and_shows_the_number_only(
    kiosk: Kiosk, language: str, words: str
) -> None:
    configure(kiosk, f'language = "{language}"')
    kiosk.ok("pass", "issue", "S-3", "--until", LAST_DAY)
    sheet = kiosk.folder / "one.pdf"
    kiosk.ok("pass", "sheet", "S-3", "--out", sheet)
    written = words_of(sheet)
    for part in (words, "S-3", "7Ә", "School 7"):
        assert part in written
    for name in FULL_NAME.split():
        assert name not in written


@pytest.mark.parametrize(("shows", "there"), [("first_name", "Ұлжан"), ("nothing", "7Ә")])
def test_the_school_chooses_what_names_the_child(kiosk: Kiosk, shows: str, there: str) -> None:
    configure(kiosk, f'shows = "{shows}"')
    kiosk.ok("pass", "issue", "S-3")
    kiosk.ok("pass", "sheet", "S-3", "--out", kiosk.folder / "one.pdf")
    written = words_of(kiosk.folder / "one.pdf")
    assert there in written
    assert "Тест" not in written
    assert "S-3" not in written


def test_a_picture_for_a_phone_is_the_same_pass(kiosk: Kiosk) -> None:
    kiosk.ok("pass", "issue", "S-1")
    kiosk.ok("pass", "phone", "S-1", "--out", kiosk.folder / "pass.png")
    picture = cv2.imread(str(kiosk.folder / "pass.png"))
    assert picture is not None
    assert answers(kiosk, read_codes(picture.astype(np.uint8))) == [holder(kiosk, "S-1")]


def test_a_new_pass_ends_the_old_paper_and_revoking_ends_the_new(kiosk: Kiosk) -> None:
    papers = []
    for name in ("old", "new"):
        kiosk.ok("pass", "issue", "S-1")
        kiosk.ok("pass", "sheet", "S-1", "--out", kiosk.folder / f"{name}.pdf")
        papers += codes_of(kiosk.folder / f"{name}.pdf")
    assert answers(kiosk, papers) == [Refusal.REPLACED, holder(kiosk, "S-1")]
    assert "1 pass ended" in kiosk.ok("pass", "revoke", "S-1")
    assert answers(kiosk, papers) == [Refusal.REVOKED, Refusal.REVOKED]


def test_issuing_for_a_class_leaves_passes_that_count_as_they_are(kiosk: Kiosk) -> None:
    kiosk.ok("pass", "issue", "S-1")
    kiosk.ok("pass", "sheet", "S-1", "--out", kiosk.folder / "one.pdf")
    assert "2 passes issued" in kiosk.ok("pass", "issue", "--all")
    assert "everybody has a valid pass" in kiosk.ok("pass", "issue", "--all")
    assert answers(kiosk, codes_of(kiosk.folder / "one.pdf")) == [holder(kiosk, "S-1")]


def test_a_visitor_gets_a_pass_until_the_end_of_the_visit(kiosk: Kiosk) -> None:
    end = datetime.now(UTC) + timedelta(hours=3)
    paper = kiosk.folder / "visitor.pdf"
    until = end.isoformat(timespec="minutes")
    kiosk.ok("pass", "visitor", "Су шебері", "--until", until, "--out", paper)
    (code,) = codes_of(paper)
    (answer,) = answers(kiosk, [code])
    assert isinstance(answer, Holder)
    assert answer.kind is HolderKind.VISITOR
    assert answers(kiosk, [code], timedelta(hours=3)) == [Refusal.EXPIRED]
    assert "the label is empty" in kiosk.complaint("pass", "visitor", " ", "--until", until)
    assert "Су шебері" in words_of(paper)
    assert "Қонақ" in words_of(paper)
    assert "Су шебері" in kiosk.ok("pass", "list")
    assert "1 pass ended" in kiosk.ok("pass", "revoke", "--visitor", "Су шебері")
    assert answers(kiosk, [code]) == [Refusal.REVOKED]


def test_a_card_is_given_found_and_taken_back(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "added" in with_card(kiosk, monkeypatch, "add", "S-2")
    assert "S-2" in with_card(kiosk, monkeypatch, "whose", number="12345678\n")
    with kiosk.vault() as vault:
        gate, read = CredentialCheck(vault, SCHOOL), CardShown("desk", bytes.fromhex("bc614e"))
        assert gate.check(read, 0.0, datetime.now(UTC)) == holder(kiosk, "S-2")
        assert "1 card ended" in kiosk.ok("card", "revoke", "S-2")
        assert gate.check(read, 1.0, datetime.now(UTC)) is Refusal.REVOKED
    monkeypatch.setattr(sys, "stdin", io.StringIO(CARD))
    assert "nobody holds this card" in kiosk.complaint("card", "whose")


def test_the_list_tells_who_still_needs_a_pass(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk.ok("pass", "issue", "S-1", "--until", LAST_DAY)
    with_card(kiosk, monkeypatch, "add", "S-2")
    lines = {line.split()[1]: line for line in kiosk.ok("pass", "list").splitlines() if "S-" in line}
    assert f"until {LAST_DAY:%d.%m.%Y}" in lines["S-1"]
    assert "none" in lines["S-2"]
    assert "valid" in lines["S-2"]
    assert lines["S-3"].count("none") == 2
    assert "S-1" not in kiosk.ok("pass", "list", "--group", "7Ә")


def test_every_act_leaves_a_line_and_no_line_says_who(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    kiosk.ok("pass", "issue", "S-1", "S-3")
    kiosk.ok("pass", "sheet", "--out", kiosk.folder / "p.pdf")
    kiosk.ok("pass", "phone", "S-1", "--out", kiosk.folder / "p.png")
    kiosk.ok("pass", "revoke", "S-1")
    until = (datetime.now(UTC) + timedelta(hours=3)).isoformat(timespec="minutes")
    kiosk.ok("pass", "visitor", "plumber", "--until", until, "--out", kiosk.folder / "v.pdf")
    kiosk.ok("pass", "revoke", "--visitor", "plumber")
    with_card(kiosk, monkeypatch, "add", "S-2")
    with_card(kiosk, monkeypatch, "whose")
    kiosk.ok("card", "revoke", "S-2")
    trail = (kiosk.folder / "audit.jsonl").read_text()
    with kiosk.vault() as vault:
        assert verify(kiosk.folder / "audit.jsonl", vault.audit_key).records == 13
    for secret in ("S-1", "S-2", "S-3", "plumber", "Aisha", *FULL_NAME.split(), "12345678", "QQ1:"):
        assert secret not in trail


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("pass", "issue"), "Give student numbers, or --group 5A, or --all"),
        (("pass", "issue", "S-1", "--all"), "Give student numbers, or --group 5A, or --all"),
        (("pass", "issue", "S-1", "S-77"), "S-77 is not on the roster"),
        (("pass", "issue", " "), "is not on the roster"),
        (("pass", "issue", "--group", "11Я"), "Classes on the roster: 5A, 7Ә, 8B"),
        (("pass", "issue", "S-1", "--until", "25.05.2027"), "Write it like 2027-05-25"),
        (("pass", "issue", "S-1", "--until", "2020-05-25"), "2020-05-25 is over"),
        (("pass", "issue", "S-1", "--until", "2099-05-25"), "732 days at most"),
        (("pass", "sheet"), "Issue them first: qaqpa-kiosk pass issue"),
        (("pass", "sheet", "S-1", "--group", "5A"), "Give one of them"),
        (("pass", "revoke"), "--visitor LABEL"),
        (("pass", "revoke", "--visitor", "[/ghost]"), "[/ghost]"),
        (("pass", "visitor", "plumber", "--until", "2036-12-01"), "31 days at most"),
        (("card", "revoke", "S-77"), "S-77 is not on the roster"),
    ],
)
def test_a_mistake_is_named_with_what_to_do_and_nothing_is_issued(
    kiosk: Kiosk, arguments: tuple[str, ...], told: str
) -> None:
    assert told in kiosk.complaint(*arguments)
    assert "until" not in kiosk.ok("pass", "list")


def test_a_card_that_cannot_be_added_says_why(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    with_card(kiosk, monkeypatch, "add", "S-1")
    for student, number, told in (
        ("S-2", CARD, "card belongs to somebody else"),
        ("S-1", CARD, "has this very card already"),
        ("S-2", "\n", "no card number in decimal digits"),
        ("S-77", "99", "S-77 is not on the roster"),
    ):
        monkeypatch.setattr(sys, "stdin", io.StringIO(number))
        complaint = kiosk.complaint("card", "add", student)
        assert told in complaint
        assert "12345678" not in complaint


def test_a_font_without_kazakh_letters_prints_nothing(kiosk: Kiosk) -> None:
    kiosk.ok("pass", "issue", "S-3")
    latin = next(Path(sys.prefix).rglob("reportlab/fonts/Vera.ttf"), None)
    for font, told in (
        (latin, "no Kazakh letters"),
        (kiosk.folder / "gone.ttf", "apt-get install fonts-dejavu"),
    ):
        if font is not None:
            configure(kiosk, f'font = "{font}"')
            assert told in kiosk.complaint("pass", "sheet", "--out", kiosk.folder / "p.pdf")
    assert not (kiosk.folder / "p.pdf").exists()


def test_a_file_that_cannot_be_written_is_named(kiosk: Kiosk) -> None:
    kiosk.ok("pass", "issue", "S-1")
    for command in (("sheet",), ("phone", "S-1")):
        assert "cannot write" in kiosk.complaint("pass", *command, "--out", kiosk.folder / "no" / "p")


def configure(kiosk: Kiosk, line: str) -> None:
    base = kiosk.config.read_text().split("[passes]")[0]
    kiosk.config.write_text(f"{base}[passes]\n{line}\n")
