"""Whole days at real gates: what is on the disk in the evening is what the file says, and nothing else."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.domain.events import AttendanceEvent, Direction
from sync.outbox import Outbox
from tests.scenarios.parts import CARDS, SCHOOL_DAY, SHORT_DAY, engine_or_skip, played, played_file, written
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate_messages import AlarmKind
from turnstile.journal import Journal
from turnstile.simulation.scenario import load_scenario


def simulate(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it."""
    command = [sys.executable, "-c", "from turnstile.cli import main; main()", "simulate", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=170)


def test_five_hundred_passages_of_a_school_day_come_out_as_the_file_says() -> None:
    result = played_file(SCHOOL_DAY)
    assert result.passages == 500
    assert result.differences == []
    assert result.broken == []


def test_a_day_that_is_played_again_gives_every_single_try_the_same() -> None:
    """A table that differs from run to run would prove nothing, and a gate that asked another clock would."""
    first, second = played_file(SHORT_DAY), played_file(SHORT_DAY)
    assert first.tries == second.tries
    assert first.found == second.found


def test_the_command_prints_the_table_and_says_that_all_is_well(tmp_path: Path) -> None:
    engine_or_skip()
    result = simulate("--scenario", SHORT_DAY, "--json", tmp_path / "result.json")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "A short day: 11 passages" in result.stdout
    told = json.loads((tmp_path / "result.json").read_text())
    assert told["as_expected"] is True
    assert {"lane": "in", "what": "passed", "how": "face", "expected": 3, "found": 3} in told["rows"]
    assert len(told["tries"]) == 12


def test_a_table_that_differs_is_told_row_by_row_and_fails(tmp_path: Path) -> None:
    engine_or_skip()
    wrong = CARDS.replace("passed = { card = 3 }", "passed = { card = 2, face = 1 }")
    result = simulate("--scenario", written(tmp_path, wrong))
    assert result.returncode == 1
    assert "expected.in.passed.card: expected 2, found 3" in result.stdout
    assert "expected.in.passed.face: expected 1, found 0" in result.stdout


def test_a_power_cut_loses_nothing_and_lets_nobody_in_twice() -> None:
    """c01 is in the turnstile when the gate dies: the grant was on the disk, and ends as not passed, once."""
    result = played_file(SHORT_DAY)
    card = {row.what: count for row, count in result.found.items() if (row.lane, row.how) == ("in", "card")}
    assert card == {"passed": 1, "granted_not_passed": 1, "unanswered": 1}
    assert [tried.reason for tried in result.tries if tried.name == "c01"] == ["credential", None]
    assert result.broken == []


def no_grant(outbox: Outbox, event: AttendanceEvent) -> None:
    """An outbox that says it wrote, and did not."""


def nobody_walks(turnstile: SimulatedTurnstile, way: Direction) -> None:
    """A turnstile that holds people back."""


def silent(journal: Journal, kind: AlarmKind, way: Direction) -> None:
    """A gate that raises no alarm."""


@pytest.mark.parametrize(
    ("part", "broken_part", "sentence"),
    [
        ("sync.outbox.Outbox.grant", no_grant, "opened 3 times without a grant on the disk"),
        (
            "turnstile.drivers.simulated.SimulatedTurnstile.walk",
            nobody_walks,
            "1 people wanted to leave, and 0",
        ),
        (
            "turnstile.journal.Journal.alarm",
            silent,
            "4 people came in, but there are only 3 passages, 0 alarms",
        ),
    ],
)
def test_a_gate_that_breaks_a_promise_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    part: str,
    broken_part: Callable[..., None],
    sentence: str,
) -> None:
    monkeypatch.setattr(part, broken_part)
    result = played(load_scenario(written(tmp_path, CARDS)))
    assert not result.as_expected
    assert any(sentence in promise for promise in result.broken), result.broken


def test_a_grant_after_a_fire_that_nobody_reset_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = Journal.note

    def forgetful(journal: Journal, what: str, **details: str | int | None) -> None:
        if what != "reset":
            note(journal, what, **details)

    monkeypatch.setattr(Journal, "note", forgetful)
    result = played(load_scenario(written(tmp_path, CARDS)))
    assert any("granted after a fire that nobody had reset" in promise for promise in result.broken)


def test_a_person_without_a_walk_is_named(tmp_path: Path) -> None:
    engine_or_skip()
    text = CARDS.replace('who = "c03"\nshows = "card"', 'who = "z09"\nshows = "face"')
    result = simulate("--scenario", written(tmp_path, text))
    assert result.returncode == 2
    assert "there is no walk of z09" in result.stderr


def test_an_emergency_outlasts_a_restart_until_a_person_resets_it(tmp_path: Path) -> None:
    """Whoever looks at a gate that stands open must know that it stays so, power or no power."""
    cut = '[[happen]]\nat = "08:12"\nwhat = "power_cut"\n'
    cut += '[[arrive]]\nat = "08:13"\nwho = "c03"\nshows = "card"\n'
    text = CARDS.replace("[[staff]]", f"{cut}[[staff]]", 1).replace("fire = 1", "fire = 2")
    result = played(load_scenario(written(tmp_path, f"{text}unanswered = {{ card = 1 }}\n")))
    assert (result.differences, result.broken) == ([], [])


def test_after_a_fire_everybody_comes_back_in_once_under_hard_anti_passback(tmp_path: Path) -> None:
    """They walked out past an open gate, unseen; the friend with the borrowed card stays outside."""
    rules = '[gate.rules.passback]\nmode = "hard"\n[[people]]'
    back = '[[arrive]]\nat = "08:30"\nwho = "c01-c02"\nshows = "card"\n'
    friend = '[[arrive]]\nat = "08:40"\nwho = "c02"\nshows = "card"\n[expected.in]'
    text = CARDS.replace("[[people]]", rules, 1).replace("[expected.in]", back + friend)
    text = text.replace("card = 3", "card = 5") + "refused = { already_inside = 1 }\n"
    result = played(load_scenario(written(tmp_path, text)))
    assert (result.differences, result.broken) == ([], [])
