import math
from itertools import pairwise

import numpy as np
import pytest

from edge.vision.pad.metrics import Scores, evaluate

NAN = math.nan


def scores(*values: float) -> Scores:
    return np.asarray(values, np.float64)


LIVE = scores(0.9, 0.8, 0.4, 0.95)
ATTACKS = {"print": scores(0.1, 0.2, 0.6, 0.3), "screen": scores(0.1, 0.2)}


def test_each_attack_is_counted_apart_and_the_worst_one_makes_the_acer() -> None:
    result = evaluate(LIVE, ATTACKS, 0.5)
    assert {name: rate.value for name, rate in result.apcer.items()} == {"print": 0.25, "screen": 0.0}
    assert result.bpcer.value == 0.25
    assert result.acer == 0.25


def test_a_person_in_whom_no_face_was_found_is_an_error_and_an_attack_is_not() -> None:
    result = evaluate(scores(0.9, NAN), {"print": scores(0.9, NAN)}, 0.5)
    assert (result.bpcer.value, result.apcer["print"].value) == (0.5, 0.5)


def test_a_score_at_the_threshold_passes_here_as_at_the_gate() -> None:
    assert evaluate(scores(0.5), {"print": scores(0.5)}, 0.5).apcer["print"].value == 1.0


def test_bpcer_at_a_wanted_apcer_uses_a_threshold_that_keeps_it_for_every_attack() -> None:
    attacks = {"print": np.linspace(0.01, 1.0, 100), "screen": np.linspace(0.0001, 0.5, 100)}
    live = np.linspace(0.0, 1.0, 1001)
    result = evaluate(live, attacks, 0.5)
    # Five of a hundred prints may pass: the threshold lies just above the sixth largest, 0.95.
    assert result.bpcer_at[0.05].value == pytest.approx(951 / 1001)
    assert result.bpcer_at[0.01].value == pytest.approx(991 / 1001)


def test_no_error_among_few_is_not_sold_as_certainty() -> None:
    rate = evaluate(LIVE, {"print": np.zeros(30)}, 0.5).apcer["print"]
    assert (rate.value, rate.low) == (0.0, 0.0)
    assert rate.high == pytest.approx(1 - 0.025 ** (1 / 30))
    every = evaluate(LIVE, {"print": np.ones(30)}, 0.5).apcer["print"]
    assert every.low == pytest.approx(0.025 ** (1 / 30))


def test_intervals_hold_the_value_and_repeat_by_seed() -> None:
    chance = np.random.default_rng(3)
    live, attacks = chance.normal(0.7, 0.2, 200), {"print": chance.normal(0.3, 0.2, 200)}
    first, second = evaluate(live, attacks, 0.5, seed=4), evaluate(live, attacks, 0.5, seed=4)
    assert first == second
    for rate in (first.bpcer, first.apcer["print"]):
        assert 0 <= rate.low < rate.value < rate.high <= 1


def test_the_curve_runs_from_all_pass_to_none_pass() -> None:
    curve = evaluate(LIVE, ATTACKS, 0.5).curve
    assert (curve[0].apcer, curve[0].bpcer) == (1.0, 0.0)
    assert (curve[-1].apcer, curve[-1].bpcer) == (0.0, 1.0)
    assert all(a.apcer >= b.apcer and a.bpcer <= b.bpcer for a, b in pairwise(curve))


@pytest.mark.parametrize(("live", "attacks"), [(scores(), ATTACKS), (LIVE, {}), (LIVE, {"print": scores()})])
def test_rates_of_nothing_are_not_invented(live: Scores, attacks: dict[str, Scores]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        evaluate(live, attacks, 0.5)


def test_a_folder_in_which_nothing_scored_still_gives_rates() -> None:
    result = evaluate(scores(NAN), {"print": scores(NAN)}, 0.5)
    assert (result.bpcer.value, result.apcer["print"].value, len(result.curve)) == (1.0, 0.0, 1)
