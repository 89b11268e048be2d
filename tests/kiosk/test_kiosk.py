"""The desk as staff use it: the real commands, real faces, and every mistake a person makes there."""

import contextlib
import csv
import io
import sqlite3
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import pytest

from edge.audit import verify
from edge.config import load
from edge.domain.ids import pseudonym
from edge.vault.vault import Vault
from edge.vision.frame import Image
from enrollment.cli import main
from enrollment.roster import COLUMNS
from enrollment.settings import KioskSettings
from tests.gate.parts import PUPILS, engine_or_skip, picture

BORN = "1985-04-02"
ROSTER = [
    [
        "S-1",
        "Aisha Test",
        "2015-04-02",
        "5A",
        "150402600004",
        "Saule Test",
        "mother",
        "+77010000001",
        "",
        "",
        "",
        BORN,
    ],
    [
        "S-1",
        "Aisha Test",
        "2015-04-02",
        "5A",
        "150402600004",
        "Marat Test",
        "father",
        "+77010000002",
        "",
        "",
        "",
        BORN,
    ],
    [
        "S-2",
        "Daniyar Test",
        "2012-01-30",
        "8B",
        "",
        "Dana Test",
        "mother",
        "",
        "dana@test.example",
        "",
        "",
        BORN,
    ],
]


KEYS = {"file": 'key_file = "{folder}/device.key"', "passphrase": 'passphrase_file = "{folder}/passphrase"'}


class Kiosk:
    """Runs qaqpa-kiosk in a folder of its own; with a passphrase each command takes a third of a second."""

    def __init__(self, folder: Path, provider: str = "file") -> None:
        self.folder = folder
        (folder / "paper.pdf").write_bytes(b"%PDF-1.7 signed")
        self.wording = folder / "wording.txt"
        self.wording.write_text("I agree", "utf-8")
        self.config = folder / "kiosk.toml"
        self.screen = folder / "screen"
        self.config.write_text(f"""school = "school-7"
audit = "{folder}/audit.jsonl"
[vault]
path = "{folder}/vault.db"
[vault.key]
provider = "{provider}"
{KEYS[provider].format(folder=folder)}
[operator]
name = "School 7"
bin = "230840002814"
[camera]
source = "directory"
path = "{PUPILS}/p01"
""")

    def run(self, *arguments: object) -> tuple[int, str, str]:
        """Exit code, standard output, standard error of one command."""
        err = io.StringIO()
        line = ["qaqpa-kiosk", *map(str, arguments), "--config", str(self.config)]
        with (
            self.screen.open("w") as out,
            patch.object(sys, "argv", line),
            contextlib.chdir(self.folder),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
        return code, self.screen.read_text(), err.getvalue()

    def ok(self, *arguments: object) -> str:
        code, out, err = self.run(*arguments)
        assert code == 0, err
        return out

    def complaint(self, *arguments: object) -> str:
        code, out, err = self.run(*arguments)
        assert code in {1, 2}, out
        assert "Traceback" not in err
        return " ".join(err.split())

    def roster(self, rows: list[list[str]]) -> Path:
        path = self.folder / "roster.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([list(COLUMNS), *rows])
        return path

    def consent(self, student: str = "S-1", guardian: str = "Saule Test") -> tuple[object, ...]:
        paper = self.folder / "paper.pdf"
        given = ("--guardian", guardian, "--evidence", paper, "--wording", self.wording)
        return ("enroll", "consent", student, *given)

    def vault(self) -> Vault:
        settings = load(self.config, KioskSettings)
        return Vault.open(settings.vault.path, settings.vault.key, now=datetime.now(UTC))


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    return made


def test_from_roster_to_enrolled_to_withdrawn(kiosk: Kiosk) -> None:
    engine_or_skip()
    kiosk.ok(*kiosk.consent())
    pictures = [f"--picture={PUPILS / 'p01' / f'enrol_{shot}.jpg'}" for shot in (1, 2, 3)]
    assert "3 templates" in kiosk.ok("enroll", "face", "S-1", *pictures)
    status = kiosk.ok("enroll", "status")
    assert "S-1" in status
    assert "none: card" in status
    assert "3 templates and their key" in kiosk.ok("enroll", "withdraw", "S-1")
    assert "no guardian of this child has agreed" in kiosk.complaint("enroll", "face", "S-1", pictures[0])
    with kiosk.vault() as vault:
        assert len(vault.roster.all()) == 2
        assert verify(kiosk.folder / "audit.jsonl", vault.audit_key).records == 7
    trail = (kiosk.folder / "audit.jsonl").read_text()
    for secret in ("Aisha", "Saule", "S-1", "+7701"):
        assert secret not in trail


def test_without_consent_no_picture_is_even_opened(kiosk: Kiosk) -> None:
    """The picture does not exist: were it opened first, the complaint would be about the file."""
    complaint = kiosk.complaint("enroll", "face", "S-1", "--picture", kiosk.folder / "not-there.jpg")
    assert "no guardian of this child has agreed" in complaint
    assert "give the child a card" in complaint


def test_a_child_is_enrolled_from_the_camera(kiosk: Kiosk) -> None:
    engine_or_skip()
    kiosk.ok(*kiosk.consent())
    assert "2 templates" in kiosk.ok("enroll", "face", "S-1", "--camera", "--frames", 2)


def test_a_school_that_fuses_two_networks_enrols_with_both(kiosk: Kiosk) -> None:
    engine_or_skip()
    kiosk.config.write_text('engine = "sface+dlib"\n' + kiosk.config.read_text())
    kiosk.ok(*kiosk.consent())
    assert "1 template" in kiosk.ok("enroll", "face", "S-1", f"--picture={PUPILS / 'p01' / 'enrol_1.jpg'}")
    with kiosk.vault() as vault:
        (template,) = vault.templates.live("sface-2021dec+dlib-resnet-v1", datetime.now(UTC))
    assert template.vector.shape == (256,)


@pytest.mark.parametrize("case", ["half", "none", "two", "far", "dark", "blurred", "text", "gone"])
def test_a_bad_picture_is_named_with_what_to_do_and_nothing_is_enrolled(kiosk: Kiosk, case: str) -> None:
    engine_or_skip()
    kiosk.ok(*kiosk.consent())
    path = kiosk.folder / f"{case}.jpg"
    good = (PUPILS / "p01" / "enrol_1.jpg").read_bytes()
    face = picture("p01", "enrol_1")
    contents = {
        "half": good[:200],
        "none": _jpeg(np.full((480, 640, 3), 128, np.uint8)),
        "two": _jpeg(np.hstack([face, picture("p02", "enrol_1")]).astype(np.uint8)),
        "far": _jpeg(cv2.resize(face, (160, 120)).astype(np.uint8)),
        "dark": _jpeg((face * 0.1).astype(np.uint8)),
        "blurred": _jpeg(cv2.GaussianBlur(face, (0, 0), 12).astype(np.uint8)),
        "text": b"hello",
    }
    if case in contents:
        path.write_bytes(contents[case])
    told = {
        "half": "half.jpg is not a picture",
        "none": "no face in none.jpg",
        "two": "more than one face in two.jpg",
        "far": "Come closer",
        "dark": "dark.jpg is not good enough to enrol: too dark",
        "blurred": "blurred.jpg is not good enough to enrol: hold still",
        "text": "text.jpg is not a picture",
        "gone": "cannot read gone.jpg",
    }
    first_good = f"--picture={PUPILS / 'p01' / 'enrol_1.jpg'}"
    assert told[case] in kiosk.complaint("enroll", "face", "S-1", first_good, "--picture", path)
    assert _templates(kiosk) == 0


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([["S-3", "", "2015-01-01", "5A", "", "G", "mother", "", "", ""]], "line 2: full_name missing"),
        ([["S-3", "N", "01.02.2015", "5A", "", "G", "mother", "", "", ""]], "line 2: born is not a date"),
        (
            [["S-3", "N", "2015-01-01", "5A", "123", "G", "mother", "", "", ""]],
            "line 2: an IIN is not 12 digits",
        ),
        ([ROSTER[0], ["S-1", "Other", *ROSTER[0][2:]]], "line 3: the same student number with other details"),
    ],
)
def test_a_bad_roster_line_is_named_and_nothing_of_the_file_is_imported(
    kiosk: Kiosk, rows: list[list[str]], told: str
) -> None:
    good = [["S-9", "Good Child", "2014-05-05", "6A", "", "Good Parent", "mother", "", "", ""]]
    assert told.split(": ", 1)[1] in kiosk.complaint("enroll", "roster", kiosk.roster(good + rows))
    with kiosk.vault() as vault:
        assert len(vault.roster.all()) == 2


def test_a_roster_with_unknown_columns_says_which_are_known(kiosk: Kiosk) -> None:
    (kiosk.folder / "r.csv").write_text("name;class\nA;5\n")
    assert "Name the columns student_number" in kiosk.complaint("enroll", "roster", kiosk.folder / "r.csv")


def test_a_roster_saved_by_excel_is_read(kiosk: Kiosk) -> None:
    path = kiosk.roster([["S-9", "Әсел Тест", "2014-05-05", "6A", "", "Ана", "mother", "", "", ""]])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "file: 1" in kiosk.ok("enroll", "roster", path)


def test_a_stranger_cannot_consent_for_a_child(kiosk: Kiosk) -> None:
    complaint = kiosk.complaint(*kiosk.consent(guardian="Somebody Else"))
    assert "not on the roster as a guardian" in complaint
    assert "as it stands on the roster" in complaint


def test_staff_are_told_of_a_look_alike_and_can_mark_the_pair(kiosk: Kiosk) -> None:
    """The same face enrolled for two children stands for twins."""
    engine_or_skip()
    kiosk.ok(*kiosk.consent())
    kiosk.ok(*kiosk.consent("S-2", "Dana Test"))
    face = PUPILS / "p01" / "enrol_1.jpg"
    assert "Looks like" not in kiosk.ok("enroll", "face", "S-1", "--picture", face)
    told = kiosk.ok("enroll", "face", "S-2", "--picture", face)
    assert "Looks like S-1" in told
    assert "look-alikes S-2 S-1" in told
    assert "asks both for their card" in kiosk.ok("enroll", "look-alikes", "S-2", "S-1")
    with kiosk.vault() as vault:
        assert len(vault.roster.look_alikes()) == 2


def test_an_unknown_student_number_is_told(kiosk: Kiosk) -> None:
    assert "S-77 is not on the roster" in kiosk.complaint(*kiosk.consent(student="S-77"))


def test_a_consent_without_its_paper_is_not_recorded(kiosk: Kiosk) -> None:
    (kiosk.folder / "paper.pdf").unlink()
    assert "cannot read" in kiosk.complaint(*kiosk.consent())
    with sqlite3.connect(kiosk.folder / "vault.db") as raw:
        assert raw.execute("SELECT count(*) FROM consent").fetchone() == (0,)
    raw.close()


@pytest.fixture
def locked(tmp_path: Path) -> Kiosk:
    """As a school has it: the vault opens with a passphrase."""
    (tmp_path / "passphrase").write_text("a long enough passphrase")
    made = Kiosk(tmp_path, "passphrase")
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    return made


def test_a_wrong_passphrase_says_that_nothing_is_lost(locked: Kiosk) -> None:
    (locked.folder / "passphrase").write_text("another passphrase")
    complaint = locked.complaint("enroll", "status")
    assert "does not open this vault" in complaint
    assert "nothing was changed or lost" in complaint


def test_staff_change_the_passphrase(locked: Kiosk) -> None:
    (locked.folder / "new").write_text("quite other words")
    assert "new passphrase" in locked.ok("rekey", locked.folder / "new")
    assert (locked.folder / "passphrase").read_text() == "quite other words"
    assert "S-1" in locked.ok("enroll", "status")


def test_staff_see_who_should_be_enrolled_anew_and_why_until_they_are(kiosk: Kiosk) -> None:
    engine_or_skip()
    for student, guardian in (("S-1", "Saule Test"), ("S-2", "Dana Test")):
        kiosk.ok(*kiosk.consent(student, guardian))
    pictures = [f"--picture={PUPILS / pupil / 'enrol_1.jpg'}" for pupil in ("p01", "p02")]
    for student, shot in (("S-1", pictures[0]), ("S-2", pictures[1])):
        kiosk.ok("enroll", "face", student, shot)
    with kiosk.vault() as gates_view:
        child = pseudonym(gates_view.pseudonym_key, "S-1")
        writer = gates_view.trend_writer()
        writer.write("sface-2021dec", {}, 0.55)
        writer.write("sface-2021dec", {child: [0.95] * 100 + [0.80] * 40}, 0.55)
    (row,) = [line for line in kiosk.ok("enroll", "status").splitlines() if "S-1" in line]
    assert "scores have sunk" in row
    assert "0.8" not in row
    listed = kiosk.ok("enroll", "status", "--re-enrol")
    assert "S-1" in listed
    assert "S-2" not in listed
    kiosk.ok("enroll", "face", "S-1", pictures[0])
    assert "S-1" not in kiosk.ok("enroll", "status", "--re-enrol")


def test_erasing_takes_the_child_off_the_roster(kiosk: Kiosk) -> None:
    assert "Erased" in kiosk.ok("enroll", "erase", "S-2", "--yes")
    with kiosk.vault() as vault:
        assert len(vault.roster.all()) == 1


def test_the_second_device_of_a_school_knows_children_by_the_same_pseudonym(
    kiosk: Kiosk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    kiosk.ok("hub-key", kiosk.folder / "school.key")
    second = Kiosk(tmp_path_factory.mktemp("second"))
    second.ok("init", "--school-key", kiosk.folder / "school.key")
    second.ok("enroll", "roster", second.roster(ROSTER))
    with kiosk.vault() as one, second.vault() as other:
        assert one.roster.all() == other.roster.all()


def test_a_second_init_never_overwrites(kiosk: Kiosk) -> None:
    assert "never overwritten" in kiosk.complaint("init")


def _templates(kiosk: Kiosk) -> int:
    with sqlite3.connect(kiosk.folder / "vault.db") as raw:
        count = int(raw.execute("SELECT count(*) FROM template").fetchone()[0])
    raw.close()
    return count


def _jpeg(image: Image) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()
