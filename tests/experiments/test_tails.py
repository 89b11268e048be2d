"""The figures that every gate starts with come from this experiment, so it must itself be right."""

import numpy as np

from edge.match.threshold import NonMatedTail
from tests.experiments.probes import Probes, System
from tests.experiments.tails import FPIRS, Enrolled, NonMated, cross_check, fit, let_in, searched_with, shape

TRUTH = NonMatedTail(start=0.3, share=0.02, scale=0.04)


def strangers(people: int, each: int, seed: int) -> NonMated:
    """Pairs with a known tail; scores below its start are of no interest."""
    random = np.random.default_rng(seed)
    pairs = (people * each, people)
    beyond = TRUTH.start + random.exponential(TRUTH.scale, pairs)
    scores = np.where(random.random(pairs) < TRUTH.share, beyond, 0)
    return NonMated.of(np.repeat(np.arange(people), each), scores)


def test_a_known_tail_is_found_again_and_a_little_stricter() -> None:
    found = fit(strangers(100, 4, seed=1).scores)
    assert abs(shape(strangers(100, 4, seed=1).scores, found)) < 0.1
    for gallery in (25, 1000):
        gap = found.threshold(0.003, gallery) - TRUTH.threshold(0.003, gallery)
        assert -0.005 < gap < 0.04


def test_what_half_of_the_people_foretell_holds_for_the_other_half() -> None:
    for rates in cross_check(strangers(102, 8, seed=2), halvings=4, seed=1).values():
        assert (rates <= np.asarray(FPIRS) * 1.2).all()


def test_nobody_is_their_own_stranger_and_a_frame_without_a_face_is_no_search() -> None:
    scored = np.asarray([[0.9, 0.1], [0.2, 0.8], [np.nan, np.nan]])
    pairs = NonMated.of(np.asarray([0, 1, 1]), scored)
    np.testing.assert_array_equal(pairs.scores, [[np.nan, 0.1], [0.2, np.nan]])
    lax = NonMatedTail(start=0.15, share=0.003, scale=0.01)  # a threshold of 0.15 for one other
    rates = let_in(pairs.scores, lax, 1, np.random.default_rng(1))
    np.testing.assert_array_equal(rates, [0.5, 0.5, 0.5])


def test_everything_that_a_gate_searches_with_is_scored() -> None:
    random = np.random.default_rng(4)
    templates = {System.SFACE: random.standard_normal((3, 8))}
    frames = {System.SFACE: random.standard_normal((6, 4, 8))}
    frames[System.SFACE][0, 0] = np.nan
    quality = np.where(np.isnan(frames[System.SFACE][..., 0]), np.nan, 0.5)
    probes = Probes(np.repeat(np.arange(3), 2), quality, templates, frames, {})
    mirrored = {System.SFACE_M: templates[System.SFACE]}
    still = {System.SFACE: random.standard_normal((6, 8))}
    pair = (System.SFACE_M, System.SFACE)
    kinds = searched_with(pair, probes, Enrolled(mirrored, mirrored), still)
    assert {name: len(pairs.scores) for name, pairs in kinds.items()} == {
        "portraits as they are": 6,
        "single frames of harsh visits": 23,
        "mean vector of a visit's best 3": 6,
        "the same, 3 kiosk pictures enrolled": 6,
    }
