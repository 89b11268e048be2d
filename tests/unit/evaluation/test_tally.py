import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.evaluation.tally import EDGES, Tally, draw_people, index_of, interval, threshold_at

SCORES = st.lists(st.floats(-1.25, 1.0, width=32), min_size=1, max_size=60)


def tally_of(scores: list[float], people: int = 5) -> Tally:
    tally = Tally.empty(people)
    tally.add(np.arange(len(scores)) % people, np.asarray(scores, np.float32))
    return tally


@given(SCORES)
def test_a_higher_threshold_never_lets_more_people_in(scores: list[float]) -> None:
    accepted = tally_of(scores).accepted()
    assert (np.diff(accepted) <= 0).all()
    assert accepted[-1] == 0


@given(SCORES, st.sampled_from([0.03, 0.1, 0.5]))
def test_the_threshold_keeps_its_promise_and_the_next_lower_one_would_not(
    scores: list[float], wanted: float
) -> None:
    place = int(threshold_at(tally_of(scores).accepted(), wanted))
    kept = np.asarray(scores, np.float32).astype(float)
    assert (kept >= EDGES[place]).mean() <= wanted + 1e-9
    if place:
        assert (kept >= EDGES[place - 1]).mean() > wanted


@given(SCORES, st.integers(0, 5))
def test_an_interval_always_contains_what_was_observed(scores: list[float], seed: int) -> None:
    tally = tally_of(scores)
    point = float(tally.accepted()[index_of(0.2)])
    low, high = interval(point, tally.resampled(draw_people(5, seed, 50))[:, index_of(0.2)], tally.people)
    assert 0 <= low <= point <= high <= 1


@given(SCORES)
def test_replicates_are_what_counting_each_drawn_person_again_gives(scores: list[float]) -> None:
    tally = tally_of(scores)
    weights = draw_people(5, 3, 7)
    place = index_of(0.1)
    found = tally.resampled(weights)[:, place]
    owner = np.arange(len(scores)) % 5
    passes = np.asarray(scores, np.float32).astype(float) >= EDGES[place]
    for row, drawn in zip(found, weights, strict=True):
        weight = drawn[owner]
        expected = (weight * passes).sum() / weight.sum() if weight.sum() else np.nan
        assert row == pytest.approx(expected, nan_ok=True)


def test_people_who_agree_in_many_pictures_are_not_taken_for_many_people() -> None:
    few = Tally.empty(10)
    few.add(np.repeat(np.arange(10), 100), np.repeat(np.arange(10) < 3, 100) * 0.9)
    many = Tally.empty(1000)
    many.add(np.arange(1000), (np.arange(1000) < 300) * 0.9)
    place = index_of(0.5)
    widths = []
    for tally in (few, many):
        low, high = interval(0.3, tally.resampled(draw_people(tally.people, 1))[:, place], tally.people)
        widths.append(high - low)
    assert widths[0] > 0.4
    assert widths[1] == pytest.approx(2 * 1.96 * np.sqrt(0.3 * 0.7 / 1000), rel=0.15)


def test_no_error_among_102_people_does_not_prove_that_there_is_none() -> None:
    assert interval(0.0, np.zeros(1000), 102) == pytest.approx((0.0, 0.0355), abs=1e-4)
    assert interval(1.0, np.ones(1000), 102) == pytest.approx((1 - 0.0355, 1.0), abs=1e-4)


def test_a_search_that_is_never_answered_passes_at_no_threshold() -> None:
    tally = Tally.empty(1)
    tally.add(np.zeros(2, np.intp), np.asarray([-np.inf, 1.0000002]))
    assert tally.accepted()[0] == 0.5
    assert tally.accepted()[-1] == 0
