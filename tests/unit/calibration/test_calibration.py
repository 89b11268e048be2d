"""A school gets its own threshold from its own counts, with honest bounds, and nothing changes by itself."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from edge.errors import ConfigError
from edge.match.calibration import (
    ENOUGH_SEARCHES,
    Calibration,
    Rate,
    at_or_above,
    below,
    fit_tail,
    load_calibration,
    own_tail,
)
from edge.match.counts import EDGES, ScoreCounts, load_counts
from edge.match.threshold import NonMatedTail
from edge.vault.keys import FileKey
from edge.vision.engine_choice import DEFAULTS, EngineName
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


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    truth, n = 0.02, 2000
    held = 0
    for hits in random.binomial(n, truth, 1000):
        low, high = Rate(int(hits), n).interval
        held += low <= truth <= high
    assert 920 <= held <= 980


def test_without_searches_everything_is_possible() -> None:
    assert Rate(0, 0).interval == (0.0, 1.0)


def rivals_of(tail: NonMatedTail, galleries: list[int], seed: int) -> ScoreCounts:
    """Searches whose best other score is the best of so many independent pairs with this tail."""
    random = np.random.default_rng(seed)
    counts = ScoreCounts("e")
    for gallery in galleries:
        pairs = random.random(gallery - 1)
        best = float(tail.start + tail.scale * np.log(tail.share / pairs.min()))
        counts.recognised(0.95, float(np.clip(best, -0.99, 0.99)), gallery)
    return counts


@pytest.mark.parametrize(
    "galleries", [[300] * 4000, [50] * 2000 + [500] * 2000], ids=["steady", "grew tenfold"]
)
def test_the_tail_behind_a_gates_counts_is_found_whatever_the_gallery_was(galleries: list[int]) -> None:
    """Counted as if everybody had been enrolled from the start, a grown gallery would seem too safe."""
    truth = NonMatedTail(start=0.3, share=0.02, scale=0.04)
    counts = rivals_of(truth, galleries, seed=4)
    assert counts.others == sum(galleries) - len(galleries)
    found = own_tail(counts)
    assert found is not None
    for gallery in (300, 1000):
        # Never laxer but for luck, and stricter by the caution in the scale only: 1.64 / sqrt(200).
        assert truth.threshold(0.003, gallery) - 0.01 < found.threshold(0.003, gallery)
        assert found.threshold(0.003, gallery) < truth.threshold(0.003, gallery) + 0.05


def test_a_tail_from_hardly_enough_searches_breaks_its_promise_seldom_and_by_little() -> None:
    """The upper limit of the scale pays for few counts: without it, half of all gates would let in more."""
    truth = NonMatedTail(start=0.3, share=0.02, scale=0.04)
    rates = []
    for seed in range(40):
        found = own_tail(rivals_of(truth, [200] * 1200, seed))
        assert found is not None
        rates.append(truth.fpir(found.threshold(0.003, 200), 200))
    assert np.median(rates) < 0.002
    assert max(rates) < 0.006


def test_few_searches_give_no_tail_at_all() -> None:
    truth = NonMatedTail(start=0.3, share=0.02, scale=0.04)
    assert own_tail(ScoreCounts("e")) is None
    assert own_tail(rivals_of(truth, [200] * (ENOUGH_SEARCHES // 2), 1)) is None
    assert own_tail(rivals_of(truth, [200] * (ENOUGH_SEARCHES + 100), 1)) is not None


@pytest.mark.parametrize("score", [0.2, 0.999], ids=["all alike", "all at the top"])
def test_scores_that_do_not_tail_off_give_no_tail(score: float) -> None:
    counts, _ = np.histogram([score] * 5000, EDGES)
    assert fit_tail(counts.astype(np.int64), others=1) is None


def test_a_calibration_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    made = Calibration("e", NonMatedTail(0.41, 0.0123, 0.0456), searches=1200, gallery=300)
    made.save(tmp_path / "calibration.json")
    assert load_calibration(tmp_path / "calibration.json", "e") == made


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
        self.calibration = folder / "calibration.json"
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

    def follow(self) -> None:
        """Name a calibration file, which is not there yet."""
        with self.config.open("a") as file:
            file.write(f'[faces]\ncalibration = "{self.calibration}"\n')

    def calibrate(self, *arguments: str) -> str:
        out = io.StringIO()
        line = ["qaqpa-gate", "calibrate", "--config", str(self.config), *arguments]
        shown = redirect_stdout(out), redirect_stderr(out)
        with patch.object(sys, "argv", line), shown[0], shown[1], suppress(SystemExit):
            main()
        return " ".join(out.getvalue().split())


@pytest.fixture
def gate(tmp_path: Path, key: FileKey, monkeypatch: pytest.MonkeyPatch) -> Gate:
    monkeypatch.setattr("turnstile.commands.calibrate.console", Console(width=120))
    return Gate(tmp_path, key)


def busy(low: float) -> ScoreCounts:
    """A gate whose strangers tail off from `low`, with 300 enrolled."""
    return rivals_of(NonMatedTail(start=low, share=0.02, scale=0.04), [300] * 3000, seed=2)


def test_the_command_changes_nothing_unless_a_person_accepts(gate: Gate) -> None:
    gate.follow()
    busy(0.45).save(gate.scores)
    before = gate.config.read_text(), gate.scores.read_text()
    told = gate.calibrate()
    assert "Nothing was changed" in told
    assert "with its own tail" in told
    assert not gate.calibration.exists()
    assert (gate.config.read_text(), gate.scores.read_text()) == before


def test_what_a_person_accepts_makes_the_gate_stricter(gate: Gate) -> None:
    gate.follow()
    counts = busy(0.45)
    counts.save(gate.scores)
    assert "Restart the gate" in gate.calibrate("--accept", "--yes")
    own = load_calibration(gate.calibration, "e")
    assert (own.tail, own.gallery, own.searches) == (own_tail(counts), 300, 3000)
    engines = DEFAULTS[EngineName.SFACE]
    with_own = replace(engines, tails=(*engines.tails, own.tail)).point(300).threshold
    assert with_own > engines.point(300).threshold
    assert f"threshold, 300 enrolled │ {with_own:.2f} │ {with_own:.2f}" in gate.calibrate()


def test_a_gate_with_few_alike_keeps_the_engines_own_threshold(gate: Gate) -> None:
    gate.follow()
    busy(0.1).save(gate.scores)
    engines = DEFAULTS[EngineName.SFACE].point(300).threshold
    assert f"threshold, 300 enrolled │ {engines:.2f} │ {engines:.2f}" in gate.calibrate()


def test_the_threshold_of_a_larger_gallery_is_shown_beside_the_present_one(gate: Gate) -> None:
    busy(0.45).save(gate.scores)
    told = gate.calibrate("--gallery", "1200")
    larger = DEFAULTS[EngineName.SFACE].point(1200).threshold
    assert "threshold, 300 enrolled" in told
    assert f"threshold, 1200 enrolled │ {larger:.2f}" in told


def test_a_person_who_says_no_changes_nothing(gate: Gate) -> None:
    gate.follow()
    busy(0.45).save(gate.scores)
    with patch("typer.confirm", return_value=False):
        assert "Nothing was changed" in gate.calibrate("--accept")
    assert not gate.calibration.exists()


def test_accepting_without_a_file_named_says_which_key_to_add(gate: Gate) -> None:
    busy(0.45).save(gate.scores)
    assert 'Add calibration = "FILE"' in gate.calibrate("--accept", "--yes")


def test_a_damaged_calibration_can_be_made_anew(gate: Gate) -> None:
    gate.follow()
    gate.calibration.write_text("{")
    busy(0.45).save(gate.scores)
    assert "does not hold a calibration; left out here" in gate.calibrate("--accept", "--yes")
    assert load_calibration(gate.calibration, "e").gallery == 300


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
