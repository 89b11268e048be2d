"""The demo is a test of everything together, and it can fail."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo.processes import ROOT
from tests.gate.parts import engine_or_skip

SHORT = ROOT / "tests" / "scenarios" / "short_morning.toml"


def play(scenario: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.demo", "--scenario", scenario, "--out", out],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=350,
    )


@pytest.fixture(autouse=True)
def models() -> None:
    engine_or_skip()


def test_a_morning_with_a_dead_broker_a_withdrawal_and_a_manual_release_goes_as_scripted(
    tmp_path: Path,
) -> None:
    done = play(SHORT, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything went as scripted" in done.stdout
    assert "<svg" in (tmp_path / "report.html").read_text()
    assert_no_name_left_the_device(tmp_path / "school")


def test_a_morning_that_differs_from_its_script_fails(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(
        'title = "Wrong"\nschool = "s"\ngate = "g"\nroster = ["p01"]\nwithout_consent = ["p01"]\n'
        '[[step]]\nsay = "No consent, and yet to pass"\narrive = ["p01"]\nexpect = "recognised"\n'
    )
    done = play(wrong, tmp_path / "out")
    assert done.returncode == 1
    assert "It differs" in done.stdout


def assert_no_name_left_the_device(school: Path) -> None:
    """Neither the outbox nor any log of the gate or the publisher holds a name or a student number."""
    files = [*school.glob("gate/outbox.db*"), school / "qaqpa-gate.log", school / "qaqpa-sync.log"]
    files.append(school / "gate" / "audit.jsonl")
    for file in files:
        content = file.read_bytes()
        for secret in (b"Pupil", b"Parent", b"S-26"):
            assert secret not in content, (file, secret)
