from statistics import NormalDist

import numpy as np
import pytest

from edge.evaluation.tally import Floats, Tally, draw_people
from edge.evaluation.verification import Comparisons, Verification, verification


def measured(mated: Floats, non_mated: Floats) -> Verification:
    people = 200
    comparisons = Comparisons.empty(people)
    for tally, scores in ((comparisons.mated, mated), (comparisons.non_mated, non_mated)):
        assert isinstance(tally, Tally)
        tally.add(np.arange(len(scores)) % people, scores)
    return verification("sface", 1, comparisons, draw_people(people, 0, 200))


def test_two_normal_distributions_have_the_rates_of_the_textbook() -> None:
    draw = np.random.default_rng(5)
    result = measured(draw.normal(0.5, 0.1, 20_000), draw.normal(0.2, 0.1, 200_000))
    assert result.eer == pytest.approx(NormalDist().cdf(-1.5), abs=0.004)
    for point in result.points:
        threshold = 0.2 + 0.1 * NormalDist().inv_cdf(1 - point.fmr)
        assert point.threshold == pytest.approx(threshold, abs=0.02)
        if point.fmr >= 1e-3:
            assert point.fnmr == pytest.approx(NormalDist(0.5, 0.1).cdf(threshold), abs=0.02)
        assert point.enough


def test_scores_that_never_overlap_have_no_equal_error() -> None:
    result = measured(np.full(400, 0.9), np.full(400, 0.1))
    assert result.eer == 0
    assert [point.fnmr for point in result.points] == [0, 0, 0]
    assert [point.enough for point in result.points] == [True, False, False]


def test_scores_that_say_nothing_err_half_the_time() -> None:
    scores = np.random.default_rng(6).uniform(-0.5, 0.5, 50_000)
    assert measured(scores, scores).eer == pytest.approx(0.5, abs=0.01)


def test_a_det_curve_only_falls_and_ends_where_nothing_passes() -> None:
    draw = np.random.default_rng(7)
    curve = measured(draw.normal(0.5, 0.1, 2000), draw.normal(0.2, 0.1, 2000)).det
    assert len(curve) <= 400
    falling, rising = np.diff([fmr for _, fmr, _ in curve]), np.diff([fnmr for _, _, fnmr in curve])
    assert (falling <= 0).all()
    assert (rising >= 0).all()
    assert curve[-1][1:] == (0, 1)
