"""Staff hear of a dirty lens, a failing lamp or ageing faces in time, and are left in peace otherwise."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.match.counts import Histogram, Histograms, ScoreCounts
from edge.match.drift import ENOUGH, Changed, Drift, drift
from edge.match.two_sample import cdf, compare, p_value
from tests.unit.calibration.traffic import School, school_days

SCORES = st.lists(st.floats(-0.995, 0.995), min_size=1, max_size=60)


def school(seed: int, children: int = 100) -> School:
    return School(np.random.default_rng(seed), children)


def first_told(found: Iterable[tuple[int, Drift]]) -> dict[Changed, int]:
    """On which school day each change was told first."""
    told: dict[Changed, int] = {}
    for day, each in found:
        for change in each.changes:
            told.setdefault(change.what, day)
    return told


def observed(pupils: School, weeks: int, **later: float) -> Iterable[tuple[int, Drift]]:
    """Drift after each school day; from the ninth week on the school is changed as said."""
    counts = ScoreCounts("e")
    for number, day in enumerate(school_days(weeks)):
        if number == 40:
            for name, value in later.items():
                setattr(pupils, name, value)
        pupils.a_day(counts, day)
        yield number, drift(counts)


def binned(scores: Iterable[float]) -> Histogram:
    counts = Histograms()
    for score in scores:
        counts.unknown(score, gallery=1)
    return counts.refused


def test_a_steady_gate_is_left_in_peace_for_a_school_year() -> None:
    """Children come again and days differ in light, so searches are not independent: still no word."""
    for seed in range(4):
        assert first_told(observed(school(seed, children=60), weeks=34)) == {}


def test_a_dirty_lens_is_told_within_a_fortnight_with_what_to_do() -> None:
    for seed in range(4):
        told = first_told(observed(school(seed), weeks=11, fallen=0.05))
        assert 40 <= told[Changed.RECOGNISED] <= 50
    *_, (_, last) = observed(school(1), weeks=11, fallen=0.05)
    change = next(each for each in last.changes if each.what is Changed.RECOGNISED)
    assert change.size == pytest.approx(0.05, abs=0.015)
    assert str(change).startswith(f"recognised scores have sunk by {change.size:.2f} since 2026-11-09: clean")


def test_scores_that_sink_all_year_are_told_although_no_week_differs_from_the_last() -> None:
    pupils, counts = school(3), ScoreCounts("e")
    told = None
    for number, day in enumerate(school_days(34)):
        pupils.fallen = 0.10 * number / 170
        pupils.a_day(counts, day)
        if told is None and drift(counts).changes:
            told = pupils.fallen
    assert told is not None
    assert told <= 0.05


def test_others_who_score_higher_are_told() -> None:
    assert Changed.RIVALS in first_told(observed(school(4), weeks=12, risen=0.05))


def test_more_enrolled_children_are_no_drift() -> None:
    """Five times as many people raise the best of the others; that is arithmetic, not light."""
    pupils, counts = school(5, children=60), ScoreCounts("e")
    for number, day in enumerate(school_days(14)):
        if number == 40:
            pupils.children = 300
            pupils.means = np.resize(pupils.means, 300)
        pupils.a_day(counts, day)
    assert counts.recent[-1].gallery == 300
    assert drift(counts) == Drift(enough=True)


def test_more_refused_people_are_told() -> None:
    told = list(observed(school(6), weeks=12, strangers=15.0))
    assert Changed.REFUSED in first_told(told)
    assert "more people are refused since" in str(told[-1][1])
    assert Changed.REFUSED not in first_told(observed(school(6), weeks=12, strangers=5.0))


def test_a_stricter_threshold_alone_is_no_drift() -> None:
    """It refuses more and cuts the lower scores off; both are what was asked for."""
    pupils, counts = school(7), ScoreCounts("e")
    for number, day in enumerate(school_days(12)):
        pupils.a_day(counts, day, threshold=0.55 if number < 40 else 0.78)
    assert drift(counts) == Drift(enough=True)


def test_nobody_is_warned_of_better_scores() -> None:
    pupils = school(8)
    pupils.fallen, pupils.risen, pupils.strangers = 0.06, 0.05, 20.0
    assert first_told(observed(pupils, weeks=12, fallen=0.0, risen=0.0, strangers=2.0)) == {}


def test_few_searches_say_so_and_nothing_else() -> None:
    pupils, counts = school(9, children=5), ScoreCounts("e")
    assert str(drift(counts)) == "too few searches yet to compare"
    for day in school_days(5):
        pupils.a_day(counts, day)
    pupils.fallen = 0.2
    for day in school_days(2, first=date(2026, 10, 12)):
        pupils.a_day(counts, day)
    assert int(sum(week.accepted.sum() for week in counts.recent)) < ENOUGH
    assert drift(counts) == Drift(enough=False)


def test_the_summer_does_not_count() -> None:
    pupils, counts = school(10), ScoreCounts("e")
    for start in (date(2026, 9, 7), date(2027, 8, 30)):
        for day in school_days(6, first=start):
            pupils.a_day(counts, day)
    assert drift(counts) == Drift(enough=True)


@settings(max_examples=100, deadline=None)
@given(SCORES, SCORES)
def test_the_distance_is_that_of_the_binned_scores_themselves(one: list[float], two: list[float]) -> None:
    bins = [np.floor((np.array(scores) + 1) / 2 * 200) for scores in (one, two)]
    apart = [abs(float((bins[0] <= edge).mean()) - float((bins[1] <= edge).mean())) for edge in range(200)]
    assert compare(cdf(binned(one)), cdf(binned(two)), 1, 1).distance == pytest.approx(max(apart))


@settings(max_examples=50, deadline=None)
@given(SCORES.filter(lambda scores: len(scores) % 2 == 1))
def test_the_shift_is_that_of_the_median_to_a_bin_and_a_half(scores: list[float]) -> None:
    at_zero = compare(cdf(binned([0.0])), cdf(binned(scores)), 1, 1).shift
    assert at_zero == pytest.approx(float(np.median(scores)), abs=0.0151)


@pytest.mark.parametrize(("distance", "chance"), [(1.2238, 0.10), (1.3581, 0.05), (1.6276, 0.01)])
def test_the_chance_is_that_of_the_published_tables(distance: float, chance: float) -> None:
    assert p_value(distance) == pytest.approx(chance, abs=1e-4)


def test_the_chance_falls_from_one_to_nothing() -> None:
    chances = [p_value(distance) for distance in np.linspace(0, 10, 500)]
    assert chances[0] == 1.0
    assert chances[-1] < 1e-9
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(chances))


def test_the_test_errs_no_more_often_than_it_says() -> None:
    random = np.random.default_rng(11)
    errors = 0
    for _ in range(1000):
        one, two = (cdf(binned(random.normal(0.7, 0.05, size))) for size in (300, 200))
        errors += compare(one, two, 300, 200).p_value < 0.05
    assert errors <= 60
