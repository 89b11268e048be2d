"""A school gets its own threshold from its own counts, with honest bounds, and nothing changes by itself."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import ConfigError
from edge.match.calibration import Rate, at_or_above, below, for_larger_gallery, for_present_gallery, propose
from edge.match.counts import ScoreCounts, load_counts
from edge.vault.keys import FileKey
from edge.vision.engine import DEFAULTS, EngineName
from tests.gate.parts import PUPILS
from tests.unit.calibration.traffic import School, school_days
from turnstile.cli import main

SCORES = st.floats(-0.995, 0.995)


def counted(rivals: list[float], accepted: list[float] | None = None, gallery: int = 300) -> ScoreCounts:
    counts = ScoreCounts("e")
    for top, rival in zip(accepted or [0.9] * len(rivals), rivals, strict=True):
        counts.recognised(top, rival, gallery)
    return counts


@settings(max_examples=100, deadline=None)
@given(st.lists(SCORES, min_size=1, max_size=200), st.integers(0, 200))
def test_the_counted_rates_are_those_of_the_scores_themselves(scores: list[float], edge: int) -> None:
    threshold = -1 + edge * 0.01
    binned = [np.floor((score + 1) / 2 * 200) for score in scores]
    above = sum(each >= edge for each in binned)
    counts = counted(scores)
    assert at_or_above(counts.rivals, threshold) == Rate(above, len(scores))
    assert below(counts.rivals, threshold) == Rate(len(scores) - above, len(scores))


@settings(max_examples=100, deadline=None)
@given(st.lists(SCORES, min_size=1, max_size=200), st.floats(0.001, 0.5))
def test_the_proposal_is_the_lowest_that_keeps_the_wanted_rate(scores: list[float], fpir: float) -> None:
    counts = counted(scores)
    found = propose(counts, fpir)
    assert found.fpir.share <= fpir
    if found.threshold > -0.999:
        assert at_or_above(counts.rivals, found.threshold - 0.01).share > fpir


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    truth, n = 0.02, 2000
    held = 0
    for hits in random.binomial(n, truth, 1000):
        low, high = Rate(int(hits), n).interval
        held += low <= truth <= high
    assert 920 <= held <= 980


def test_few_searches_are_not_enough_to_promise_a_small_rate() -> None:
    assert not propose(counted([0.2] * 500), 0.003).enough
    assert propose(counted([0.2] * 1000), 0.003).enough
    assert Rate(0, 0).interval == (0.0, 1.0)


def test_a_larger_gallery_needs_a_higher_threshold() -> None:
    random = np.random.default_rng(1)
    counts = counted(list(np.clip(random.normal(0.3, 0.08, 20_000), -0.99, 0.99)))
    assert propose(counts, 0.01, gallery=3000).threshold > propose(counts, 0.01).threshold
    assert for_larger_gallery(0.001, 300, 3000) == pytest.approx(1 - 0.999**10)
    assert for_larger_gallery(for_present_gallery(0.01, 300, 3000), 300, 3000) == pytest.approx(0.01)


def test_the_recognised_who_would_be_refused_are_told() -> None:
    counts = counted([0.7] * 100, accepted=[0.6] * 10 + [0.9] * 90)
    assert propose(counts, 0.003).recognised_lost == Rate(10, 100)


def test_counts_survive_a_restart_and_hold_nothing_but_counts(tmp_path: Path) -> None:
    counts = counted([0.31, 0.32], accepted=[0.8, 0.9])
    counts.unknown(0.4, 300)
    counts.save(tmp_path / "scores.json")
    again = load_counts(tmp_path / "scores.json")
    for name in ("accepted", "rivals", "refused"):
        np.testing.assert_array_equal(getattr(again, name), getattr(counts, name))
    body = json.loads((tmp_path / "scores.json").read_text())
    weeks = {"version", "reference", "recent", "others", "re_enrol"}
    assert set(body) == {"engine", "gallery", "accepted", "rivals", "refused"} | weeks
    assert all(isinstance(each, int) for name in ("accepted", "rivals", "refused") for each in body[name])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"engine": "e", "gallery": 1, "accepted": [1]}', "\x00"])
def test_a_foreign_file_is_told_not_believed(tmp_path: Path, text: str) -> None:
    (tmp_path / "scores.json").write_text(text)
    with pytest.raises(ConfigError, match="does not hold score counts"):
        load_counts(tmp_path / "scores.json")


class Gate:
    """A gate's configuration and counts, and the command on them."""

    def __init__(self, folder: Path, key: FileKey) -> None:
        self.scores = folder / "scores.json"
        self.config = folder / "gate.toml"
        self.config.write_text(f"""school = "s"
gate = "g"
audit = "{folder}/a"
outbox = "{folder}/o"
control = "{folder}/c"
scores = "{self.scores}"
[vault]
path = "{folder}/v"
[vault.key]
provider = "file"
key_file = "{key.key_file}"
[camera]
source = "directory"
path = "{PUPILS}/p01"
[turnstile]
driver = "simulated"
[inputs]
source = "simulated"
""")

    def calibrate(self, *arguments: str) -> str:
        out = io.StringIO()
        line = ["qaqpa-gate", "calibrate", "--config", str(self.config), *arguments]
        shown = redirect_stdout(out), redirect_stderr(out)
        with patch.object(sys, "argv", line), shown[0], shown[1], suppress(SystemExit):
            main()
        return " ".join(out.getvalue().split())


@pytest.fixture
def gate(tmp_path: Path, key: FileKey) -> Gate:
    return Gate(tmp_path, key)


def test_the_command_says_what_to_write_and_writes_nothing(gate: Gate) -> None:
    random = np.random.default_rng(2)
    rivals = list(np.clip(random.normal(0.5, 0.06, 5000), -0.99, 0.99))
    counted(rivals).save(gate.scores)
    before = gate.config.read_text(), gate.scores.read_text()
    told = gate.calibrate()
    wanted = propose(load_counts(gate.scores), 0.003).threshold - DEFAULTS[EngineName.SFACE].threshold
    assert f"faces.stricter_by = {wanted:.2f}" in told
    assert "proposed" in told
    assert (gate.config.read_text(), gate.scores.read_text()) == before


def test_a_gate_that_is_strict_enough_is_left_alone(gate: Gate) -> None:
    counted([0.2] * 5000).save(gate.scores)
    assert "strict enough" in gate.calibrate()


def test_too_few_counts_are_told(gate: Gate) -> None:
    counted([0.6] * 10).save(gate.scores)
    assert "Too few searches" in gate.calibrate()


def test_without_counts_the_technician_is_told_to_wait(gate: Gate) -> None:
    assert "Let the gate run" in gate.calibrate()


def test_the_command_tells_of_drift_and_of_children_to_enrol_anew(gate: Gate) -> None:
    counts, pupils = ScoreCounts("e", re_enrol=3), School(np.random.default_rng(1), 100)
    for number, day in enumerate(school_days(10)):
        pupils.fallen = 0.06 if number >= 40 else 0.0
        pupils.a_day(counts, day)
    counts.save(gate.scores)
    told = gate.calibrate()
    assert "Drift: recognised scores have sunk by 0.06 since 2026-11-02: clean the lens" in told
    assert "proposed for re-enrolment: 3" in told
    assert "qaqpa-kiosk enroll status --re-enrol" in told


def test_the_command_says_that_nothing_drifted(gate: Gate) -> None:
    counted([0.2] * 5000).save(gate.scores)
    told = gate.calibrate()
    assert "Drift: too few searches yet to compare" in told
    assert "proposed for re-enrolment: 0" in told
