"""What a parent asks for at the kiosk counts at a gate that is running: two real processes, one vault."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.demo.processes import Service, run
from tests.demo.school import CALIBRATION
from tests.demo.stage import NOBODY, Stage
from tests.gate.parts import PUPILS, engine_or_skip

PATIENCE = 60.0
AWAY = 1.0
"""Seconds that the lane is empty between two who walk up."""
PUPIL = "p02"


class School:
    """A kiosk's and a gate's folder, with one enrolled pupil to walk up to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stage = Stage(folder / "stage")
        self.trail = folder / "gate.jsonl"
        vault = f"""
[vault]
path = "{folder}/vault.db"
[vault.key]
provider = "passphrase"
passphrase_file = "{folder}/passphrase"
"""
        camera = [sys.executable, "-m", "tests.demo.camera", str(PUPILS), str(folder / "stage")]
        (folder / "passphrase").write_text("a long enough passphrase")
        (folder / "paper").write_text("%PDF-1.7 signed")
        (folder / "wording").write_text("I agree")
        (folder / "kiosk.toml").write_text(
            f'school = "s"\naudit = "{folder}/kiosk.jsonl"\n{vault}'
            '[operator]\nname = "S"\nbin = "230840002814"\n'
        )
        (folder / "gate.toml").write_text(f"""profile = "unsafe_demo"
school = "s"
gate = "g"
audit = "{self.trail}"
outbox = "{folder}/outbox.db"
control = "{folder}/control"
{vault}
[camera]
source = "command"
command = {json.dumps(camera)}
[faces]
calibration = "{CALIBRATION}"
[pad]
unsafe_leave_out = ["minifasnet"]
[turnstile]
driver = "simulated"
walk_seconds = 0.1
[inputs]
source = "simulated"
[timing]
release_seconds = 1.0
passage_seconds = 1.0
""")
        (folder / "roster.csv").write_text(
            "student_number,full_name,born,group,guardian_name,relation,guardian_born\n"
            "S-1,Child Test,2015-04-02,5A,Mother Test,mother,1985-04-02\n"
            "S-1,Child Test,2015-04-02,5A,Father Test,father,1985-04-02\n"
        )

    def kiosk(self, *words: object) -> str:
        return run("qaqpa-kiosk", *words, "--config", self.folder / "kiosk.toml")

    def enrol(self) -> None:
        paper, wording = self.folder / "paper", self.folder / "wording"
        self.kiosk(
            "enroll",
            "consent",
            "S-1",
            "--guardian=Mother Test",
            f"--evidence={paper}",
            f"--wording={wording}",
        )
        self.kiosk("enroll", "face", "S-1", f"--picture={PUPILS}/{PUPIL}/enrol_1.jpg")

    def decisions(self) -> list[tuple[datetime, str]]:
        """Time and outcome of every decision so far; a line that is being written is not read yet."""
        if not self.trail.exists():
            return []
        whole = self.trail.read_text("utf-8").rpartition("\n")[0].splitlines()
        records = [json.loads(line) for line in whole]
        return [
            (datetime.fromisoformat(each["at"]), each["outcome"])
            for each in records
            if each["what"] == "decision"
        ]

    def after(self, moment: datetime) -> list[str]:
        return [outcome for at, outcome in self.decisions() if at > moment]


def eventually(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def walk_up(school: School) -> str:
    """The pupil comes from out of view; how the gate decides first."""
    school.stage.show(NOBODY)
    time.sleep(AWAY)
    since = datetime.now().astimezone()
    school.stage.show(PUPIL)
    eventually(lambda: school.after(since) != [], "the gate decides")
    return school.after(since)[0]


def never_let_in_after(school: School, *words: object) -> None:
    """What was decided before the command returned may have been a grant; nothing is from then on."""
    school.kiosk(*words)
    since = datetime.now().astimezone()
    walk_up(school)
    walk_up(school)
    assert set(school.after(since)) == {"refuse"}


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    engine_or_skip()
    made = School(tmp_path)
    made.kiosk("init")
    made.kiosk("enroll", "roster", tmp_path / "roster.csv")
    made.enrol()
    gate = Service(tmp_path, "qaqpa-gate", "run", "--config", tmp_path / "gate.toml")
    try:
        eventually(lambda: walk_up(made) == "grant", "the child is let in by face")
        yield made
    finally:
        gate.stop()


def test_a_restriction_counts_before_the_next_decision_until_somebody_lifts_it(school: School) -> None:
    never_let_in_after(school, "rights", "open", "restriction", "S-1", "--guardian=Father Test")
    school.kiosk("rights", "open", "unblocking", "S-1", "--guardian=Father Test")
    school.kiosk("rights", "unblock", "S-1")
    eventually(lambda: walk_up(school) == "grant", "the child is let in by face again")


@pytest.mark.parametrize(
    "words",
    [
        ("withdrawal", "S-1", "--guardian=Mother Test"),
        ("objection", "S-1", "--guardian=Father Test"),
        ("objection", "S-1", "--child"),
    ],
    ids=["withdrawal", "the other parent objects", "the child objects"],
)
def test_a_no_counts_before_the_next_decision(school: School, words: tuple[str, ...]) -> None:
    never_let_in_after(school, "rights", "open", *words, f"--receipt={school.folder}/receipt.json")


def test_a_removed_guardians_consent_counts_no_more_before_the_next_decision(school: School) -> None:
    whom = ("S-1", "--guardian=Mother Test", "--reason=rights_ended", "--yes")
    never_let_in_after(school, "guardian", "remove", *whom)
