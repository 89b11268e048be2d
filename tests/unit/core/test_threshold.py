"""A rate that a school was promised holds for its real size: who is a stranger is let in no more often."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.match.live import LiveGallery
from edge.match.score import Verdict
from edge.match.threshold import NonMatedTail, Strictness
from edge.vault.vault import Vault
from edge.vision.engine_choice import DEFAULTS, FPIR, EngineName
from edge.vision.face import Metric
from tests.builders import DIMENSION, ENGINE, NOW, enrolled, unit_vector

TAILS = st.builds(
    NonMatedTail, start=st.floats(0.1, 0.6), share=st.floats(1e-4, 0.2), scale=st.floats(0.005, 0.1)
)
RATES = st.floats(1e-5, 0.3)
SIZES = st.integers(1, 20_000)
LEAST = {EngineName.SFACE: 0.55, EngineName.DLIB: 0.75, EngineName.FUSED: 0.74}
"""What each engine asks for with 100 enrolled."""


@settings(max_examples=200, deadline=None)
@given(TAILS, RATES, SIZES)
def test_at_its_own_threshold_the_tail_gives_the_wanted_rate_back(
    tail: NonMatedTail, fpir: float, gallery: int
) -> None:
    threshold = tail.threshold(fpir, gallery)
    found = tail.fpir(threshold, gallery)
    assert threshold >= tail.start
    assert found <= fpir * (1 + 1e-6)
    if threshold > tail.start:
        assert found == pytest.approx(fpir, rel=1e-6)


@settings(max_examples=200, deadline=None)
@given(TAILS, RATES, SIZES, SIZES)
def test_more_enrolled_never_lower_the_threshold_and_never_let_in_fewer_at_the_same_one(
    tail: NonMatedTail, fpir: float, one: int, other: int
) -> None:
    small, large = sorted((one, other))
    assert tail.threshold(fpir, small) <= tail.threshold(fpir, large)
    assert tail.fpir(0.7, small) <= tail.fpir(0.7, large)


@settings(max_examples=200, deadline=None)
@given(TAILS, RATES, RATES, SIZES)
def test_a_smaller_rate_never_lowers_the_threshold(
    tail: NonMatedTail, one: float, other: float, gallery: int
) -> None:
    strict, lax = sorted((one, other))
    assert tail.threshold(strict, gallery) >= tail.threshold(lax, gallery)


def test_the_rate_of_a_gallery_is_that_of_the_best_of_so_many_independent_scores() -> None:
    random = np.random.default_rng(3)
    tail, gallery = NonMatedTail(start=0.3, share=0.02, scale=0.04), 200
    beyond = random.random((4000, gallery)) < tail.share
    scores = np.where(beyond, tail.start + random.exponential(tail.scale, beyond.shape), 0.0)
    threshold = tail.threshold(0.05, gallery)
    assert 0.04 < (scores.max(1) >= threshold).mean() < 0.06


@settings(max_examples=100, deadline=None)
@given(st.lists(TAILS, min_size=1, max_size=3), TAILS, RATES, st.integers(0, 20_000))
def test_one_more_tail_can_only_make_a_gate_stricter(
    tails: list[NonMatedTail], own: NonMatedTail, fpir: float, gallery: int
) -> None:
    before = Strictness(fpir, 0.1, least=0.5, tails=tuple(tails)).point(gallery)
    after = Strictness(fpir, 0.1, least=0.5, tails=(*tails, own)).point(gallery)
    assert after.threshold >= before.threshold >= 0.5
    assert after.margin == before.margin == 0.1


@pytest.mark.parametrize("name", list(EngineName))
def test_no_gallery_however_small_gets_less_than_was_ever_tried(name: EngineName) -> None:
    assert DEFAULTS[name].fpir == FPIR == 0.003
    points = [DEFAULTS[name].point(gallery).threshold for gallery in (0, 1, 10, 100, 1000, 10_000)]
    assert points[0] == pytest.approx(LEAST[name])
    assert points[3] == pytest.approx(LEAST[name], abs=0.01)
    assert points == sorted(points)
    assert points[-1] > points[0]


@pytest.mark.parametrize(
    ("start", "share", "scale"),
    [(nan, 0.1, 0.1), (0.3, 0.0, 0.1), (0.3, 1.0, 0.1), (0.3, 0.1, 0.0), (0.3, 0.1, inf), (0.3, nan, 0.1)],
)
def test_a_tail_that_is_none_is_refused(start: float, share: float, scale: float) -> None:
    with pytest.raises(ValueError, match="tail"):
        NonMatedTail(start, share, scale)


def test_a_strictness_without_a_tail_or_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one tail"):
        Strictness(0.003, 0.1, least=0.5, tails=())
    with pytest.raises(ValueError, match="rate"):
        Strictness(0.0, 0.1, least=0.5, tails=(NonMatedTail(0.3, 0.1, 0.1),))


def test_a_child_who_is_enrolled_raises_the_bar_at_the_very_next_search(vault: Vault) -> None:
    """A score that was enough with one enrolled is not enough with three, for the same promise."""
    probe = unit_vector(1) * np.float32(0.8)  # scores 0.8 with child 1
    tail = NonMatedTail(start=0.5, share=0.5, scale=0.1)
    strictness = Strictness((tail.fpir(0.78, 1)), 0.1, least=0.5, tails=(tail,))
    gallery = LiveGallery(vault, ENGINE, DIMENSION, Metric.COSINE)
    enrolled(vault, 1)
    assert gallery.search(probe, strictness, NOW).verdict is Verdict.MATCH
    for number in (2, 3):
        enrolled(vault, number)
    assert strictness.point(3).threshold > 0.8
    assert gallery.search(probe, strictness, NOW).verdict is Verdict.NO_MATCH
