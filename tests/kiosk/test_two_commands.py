"""Two of the staff at once, or the nightly run while somebody enrols: one trail, and nobody is accused."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.audit import verify
from tests.another import another
from tests.gate.parts import PUPILS, engine_or_skip
from tests.kiosk.test_kiosk import ROSTER, Kiosk
from tests.kiosk.test_policy import OWN, WIDER, bind, own

ROUNDS = 60
DAYS = 300
PATIENCE = 60.0
_IMPORTS = """
import sys
from datetime import timedelta
from pathlib import Path
from edge.config import load
from enrollment.cli import main
from enrollment.opening import note, opened
from enrollment.settings import KioskSettings
from tests.builders import NOW
"""
_MANY_COMMANDS = """
settings = load(Path(sys.argv[1]), KioskSettings)
for _ in range(int(sys.argv[2])):
    with opened(settings, NOW) as (_, audit):
        note(audit, NOW, "looked", by="one")
        note(audit, NOW, "looked", by="another")
"""
_MANY_DAYS = """
with opened(load(Path(sys.argv[1]), KioskSettings), NOW) as (_, audit):
    for day in range(int(sys.argv[2])):
        note(audit, NOW + timedelta(days=day), "looked", by="one")
"""
_HOLDS = """
with opened(load(Path(sys.argv[1]), KioskSettings), NOW):
    print("held", flush=True)
    sys.stdin.readline()
"""
_CAMERA = """
import sys, time
from pathlib import Path
folder, picture = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()
(folder / "filming").touch()
for _ in range(600):
    if (folder / "go").exists():
        sys.stdout.buffer.write(picture)
        sys.stdout.buffer.flush()
    time.sleep(0.1)
"""


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    text = made.config.read_text().partition("[vault.key]")
    rest = text[2].partition("[operator]")
    key = f'provider = "file"\nkey_file = "{tmp_path}/device.key"\n'
    made.config.write_text(f"{text[0]}[vault.key]\n{key}[operator]{rest[2]}")
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    return made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command in this process does not wait for another one."""
    monkeypatch.setattr("edge.audit.WAIT_SECONDS", 0.0)


def eventually(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_the_acts_of_two_commands_at_once_stand_in_one_chain(kiosk: Kiosk) -> None:
    with (
        another(_IMPORTS, _MANY_COMMANDS, kiosk.config, ROUNDS) as one,
        another(_IMPORTS, _MANY_COMMANDS, kiosk.config, ROUNDS) as two,
    ):
        one.begin()
        two.begin()
        assert (one.complaint(), two.complaint()) == ("", "")
    trail = kiosk.folder / "audit.jsonl"
    with kiosk.vault() as vault:
        assert vault.trail_ends.known(trail) == verify(trail, vault.audit_key)
    assert trail.read_text().count('"what":"looked"') == 2 * 2 * ROUNDS


@pytest.mark.usefixtures("impatient")
def test_a_command_says_who_is_at_work_and_goes_on_once_that_one_is_killed(kiosk: Kiosk) -> None:
    with another(_IMPORTS, _HOLDS, kiosk.config) as one:
        one.begin()
        assert one.hear() == "held"
        told = kiosk.complaint("enroll", "status")
        assert f"process {one.process.pid} is writing to the audit trail" in told
        assert "Wait until that command has ended and try again" in told
        assert "Whole" in kiosk.ok("audit", "verify"), "an inspector need not wait"
        one.process.kill()
        one.process.wait()
    assert "S-1" in kiosk.ok("enroll", "status")


def test_an_inspector_finds_no_damage_in_a_trail_that_is_being_written(kiosk: Kiosk) -> None:
    """A day's checkpoint is signed first and stands in the trail only then; both files grow meanwhile."""
    with another(_IMPORTS, _MANY_DAYS, kiosk.config, DAYS) as other:
        other.begin()
        while other.running():
            assert "Whole" in kiosk.ok("audit", "verify")
        assert other.complaint() == ""
    assert f"{DAYS} checkpoints" in kiosk.ok("audit", "verify")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("act", "noted"), [("adopt", "edition_adopted"), ("leave", "policy_left")])
def test_a_question_that_nobody_answers_yet_stops_nobody_else(kiosk: Kiosk, act: str, noted: str) -> None:
    profile = own(kiosk)
    bind(kiosk, profile)
    kiosk.ok("policy", "adopt", "school-7", "--yes")
    own(kiosk, OWN + WIDER)
    if act == "leave":
        bind(kiosk)
    with another(_IMPORTS, "main()", "policy", act, "school-7", "--config", kiosk.config) as asked:
        asked.begin()
        assert "It widens" in asked.hear()
        kiosk.ok("enroll", "status")
        asked.answer("y")
        assert asked.complaint() == ""
    assert f'"what":"{noted}"' in (kiosk.folder / "audit.jsonl").read_text().splitlines()[-1]


@pytest.mark.usefixtures("impatient")
def test_who_withdraws_while_the_child_stands_before_the_camera_is_not_enrolled(kiosk: Kiosk) -> None:
    engine_or_skip()
    kiosk.ok(*kiosk.consent())
    camera = [sys.executable, "-c", _CAMERA, str(kiosk.folder), str(PUPILS / "p01" / "enrol_1.jpg")]
    before = kiosk.config.read_text().partition("[camera]")[0]
    kiosk.config.write_text(f'{before}[camera]\nsource = "command"\ncommand = {json.dumps(camera)}\n')
    with another(_IMPORTS, "main()", "enroll", "face", "S-1", "--camera", "--config", kiosk.config) as desk:
        desk.begin()
        eventually((kiosk.folder / "filming").exists)
        kiosk.ok("enroll", "withdraw", "S-1")
        (kiosk.folder / "go").touch()
        assert "no guardian of this child has agreed" in " ".join(desk.complaint().split())
    assert '"reason":"consent_missing"' in (kiosk.folder / "audit.jsonl").read_text().splitlines()[-1]
