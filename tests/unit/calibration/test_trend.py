"""A child whose face ages is enrolled anew before the gate refuses it, and nobody is called for nothing."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.match.trend import LEAST_PASSAGES, Proposal, Trend, after
from tests.unit.calibration.traffic import THRESHOLD, passages

SCORES = st.lists(st.floats(0.55, 1.0), min_size=1, max_size=80)


def history(scores: list[float]) -> list[Trend]:
    """The trend after each passage; a score under the threshold is a refusal and leaves no trace."""
    trend, trends = Trend(), []
    for score in scores:
        trend = after(trend, [score], THRESHOLD) if score >= THRESHOLD else trend
        trends.append(trend)
    return trends


def proposed_at(scores: list[float]) -> int | None:
    return next((number for number, trend in enumerate(history(scores)) if trend.proposal), None)


@pytest.mark.parametrize("noise", [0.03, 0.04, 0.05])
def test_an_ageing_face_is_proposed_well_before_the_first_refusal(noise: float) -> None:
    """Scores sink for 200 passages from where they were to under the threshold."""
    leads = []
    for seed in range(100):
        random = np.random.default_rng(seed)
        start = random.uniform(0.80, 0.90)
        sinking = np.concatenate([np.full(60, start), np.linspace(start, THRESHOLD - 0.05, 200)])
        scores = passages(random, sinking, noise)
        proposed = proposed_at(scores)
        refused = next(number for number, score in enumerate(scores) if score < THRESHOLD)
        assert proposed is not None
        leads.append(refused - proposed)
    assert min(leads) >= 5
    assert np.percentile(leads, 10) >= 20


def test_steady_children_are_left_alone_for_a_year_however_noisy() -> None:
    called = 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        noise = random.uniform(0.02, 0.06)
        steady = np.full(400, THRESHOLD + 0.06 + 4 * noise)
        called += proposed_at(passages(random, steady, noise, light=0.01)) is not None
    assert called <= 6


def test_a_child_that_scores_near_the_threshold_from_the_start_is_proposed_when_that_is_certain() -> None:
    scores = [THRESHOLD + 0.03, THRESHOLD + 0.05] * 20
    assert proposed_at(scores) == LEAST_PASSAGES - 1
    assert history(scores)[-1].proposal is Proposal.NEAR


def test_a_sudden_fall_far_above_the_threshold_is_proposed() -> None:
    """Glasses, for example: the gate still recognises the child, but with less to spare."""
    means = np.concatenate([np.full(100, 0.92), np.full(60, 0.80)])
    trends = history(passages(np.random.default_rng(2), means, noise=0.03))
    assert trends[99].proposal is None
    assert trends[-1].proposal is Proposal.SUNK


def test_a_proposal_stays_however_long_staff_take() -> None:
    means = np.concatenate([np.full(100, 0.92), np.full(1000, 0.80)])
    trends = history(passages(np.random.default_rng(3), means, noise=0.03))
    assert trends[-1].proposal is Proposal.SUNK


def test_a_proposal_ends_by_itself_when_the_scores_are_back() -> None:
    means = np.concatenate([np.full(100, 0.9), np.full(40, 0.75), np.full(100, 0.9)])
    trends = history(passages(np.random.default_rng(4), means, noise=0.03))
    assert trends[139].proposal is not None
    assert trends[-1].proposal is None


def test_a_proposal_does_not_come_and_go() -> None:
    """Scores that stay at the limit itself: the flag may change, but not day by day."""
    for seed in range(50):
        scores = passages(np.random.default_rng(seed), np.full(700, THRESHOLD + 0.125), noise=0.05)
        flags = [trend.proposal is not None for trend in history(scores)]
        assert sum(one != two for one, two in pairwise(flags)) <= 6


def test_the_threshold_in_force_counts() -> None:
    scores = passages(np.random.default_rng(5), np.full(60, 0.78), noise=0.03)
    assert after(Trend(), scores, 0.55).proposal is None
    assert after(Trend(), scores, 0.72).proposal is Proposal.NEAR


@settings(max_examples=100, deadline=None)
@given(SCORES, SCORES)
def test_batches_and_single_passages_lead_to_the_same_trend(one: list[float], two: list[float]) -> None:
    assert after(after(Trend(), one, THRESHOLD), two, THRESHOLD) == after(Trend(), one + two, THRESHOLD)


@settings(max_examples=100, deadline=None)
@given(SCORES)
def test_the_means_stay_among_the_scores(scores: list[float]) -> None:
    trend = after(Trend(), scores, THRESHOLD)
    assert trend.count == len(scores)
    for mean in (trend.slow, trend.fast):
        assert min(scores) - 1e-9 <= mean <= max(scores) + 1e-9
    assert 0 <= trend.variance <= (max(scores) - min(scores)) ** 2 + 1e-9


def test_a_few_scores_weigh_the_same() -> None:
    trend = after(Trend(), [0.6, 0.7, 0.95], THRESHOLD)
    assert trend.slow == pytest.approx(0.75)
    assert trend.fast == pytest.approx(0.75)


def test_no_score_shows_in_the_repr() -> None:
    shown = repr(after(Trend(), [0.654321] * 30, THRESHOLD))
    assert "0.65" not in shown
    assert "count=30" in shown
