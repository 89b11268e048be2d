from dataclasses import replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from edge.evaluation.evaluate import evaluate
from edge.evaluation.folder import Entry
from edge.evaluation.pictures import Problem
from edge.evaluation.record import as_json
from edge.vision.engine_choice import EngineName
from edge.vision.face import Metric
from tests.builders import STRICT
from tests.unit.evaluation.made import Vectors, acquisition, axis, evaluated, random_people, unit


def strangers_to_themselves(people: int, share: int) -> dict[str, list[Vectors]]:
    """Every `share`-th person's second picture is like nobody's first, not even their own."""
    return {
        f"{number:03}": [axis(number), axis(number + people) if number % share == 0 else axis(number)]
        for number in range(people)
    }


def test_one_in_ten_who_look_like_nobody_is_an_fnir_of_one_in_ten() -> None:
    result = evaluated(strangers_to_themselves(100, share=10))
    for row in result.identification:
        if row.gallery == 80:  # smaller galleries hold a random tenth
            assert row.fnir == pytest.approx(0.1)
            assert row.ci95[0] < 0.1 < row.ci95[1]
            assert row.rank1 < 1
        assert row.fpir_observed == 0
        assert row.threshold == pytest.approx(0.0005)


def test_with_people_who_differ_nobody_is_refused_and_nobody_else_let_in() -> None:
    result = evaluated({f"{number:03}": [axis(number)] * 2 for number in range(60)})
    assert [row.gallery for row in result.identification] == [48, 48, 48]
    assert all(row.fnir == 0 and row.rank1 == 1 for row in result.identification)
    assert result.product[0].fpir == result.product[0].fnir == 0


def test_the_threshold_is_where_the_mathematics_of_chance_puts_it() -> None:
    # Random directions in d dimensions: the cosine is nearly normal with variance 1/d, and the best of n
    # independent ones passes t with probability 1 - Phi(t sqrt(d)) ** n.
    result = evaluated(random_people(11, 250, 2, spread=0.3, size=256))
    for row in result.identification:
        if row.fpir >= 0.01:
            expected = NormalDist().inv_cdf((1 - row.fpir) ** (1 / row.gallery)) / np.sqrt(256)
            assert row.threshold == pytest.approx(expected, abs=0.015)


def test_a_larger_gallery_never_has_a_lower_threshold_here() -> None:
    rows = evaluated(random_people(12, 200, 2, spread=0.8)).identification
    for wanted in (0.03, 0.01):
        thresholds = [row.threshold for row in rows if row.fpir == wanted]
        assert thresholds == sorted(thresholds)


def test_a_rarer_false_acceptance_costs_more_refusals() -> None:
    rows = evaluated(random_people(13, 120, 2, spread=1.5)).identification
    for gallery in {row.gallery for row in rows}:
        fnirs = [row.fnir for row in rows if row.gallery == gallery]
        assert fnirs == sorted(fnirs)


def test_every_figure_lies_within_its_interval() -> None:
    result = evaluated(random_people(14, 80, 3, spread=1.5))
    for row in result.identification:
        assert row.ci95[0] <= row.fnir <= row.ci95[1]
        assert row.rank1_ci95[0] <= row.rank1 <= row.rank1_ci95[1]
        assert row.with_margin.ci95[0] <= row.with_margin.fnir <= row.with_margin.ci95[1]
    for verified in result.verification:
        assert verified.eer_ci95[0] <= verified.eer <= verified.eer_ci95[1]
        assert all(point.ci95[0] <= point.fnmr <= point.ci95[1] for point in verified.points)


def test_twins_are_found_by_threshold_alone_but_refused_by_the_gates_margin() -> None:
    people = {f"{number:03}": [axis(number)] * 2 for number in range(0, 80, 2)}
    for number in range(0, 80, 2):
        twin = unit(axis(number) + 0.2 * axis(number + 100))
        people[f"{number:03}b"] = [twin, twin]
    result = evaluated(people)
    largest = result.identification[-1]
    assert largest.gallery == 64
    assert largest.fnir == 0
    assert largest.with_margin.fnir > 0.5
    # A child whose twin alone is enrolled passes for the twin: no margin helps there.
    assert result.product[-1].fnir > 0.5
    assert result.product[-1].fpir > 0.5


def test_three_templates_find_a_child_whose_first_picture_is_odd() -> None:
    people = {f"{number:03}": [axis(number + 200), *[axis(number)] * 3] for number in range(60)}
    assert evaluated(people, enrol=1).identification[0].fnir == 1
    assert evaluated(people, enrol=3).identification[0].fnir == 0


def test_people_with_one_picture_are_searched_for_as_strangers() -> None:
    people = {f"{number:03}": [axis(number)] * 2 for number in range(20)}
    people |= {f"x{number:03}": [axis(number)] for number in range(10)}  # each looks like an enrolled person
    row = evaluated(people).product[-1]
    assert row.fpir > 0.1
    assert evaluated(people).identification[0].non_mated_people == 30
    assert evaluated(people).identification[0].mated_people == 20


def test_pictures_that_fail_are_counted_as_refusals_where_it_says_so() -> None:
    whole = acquisition({f"{number:03}": [axis(number)] * 2 for number in range(10)})
    failed = tuple((Entry(f"{number:03}", Path("9.jpg")), Problem.NO_FACE) for number in range(10))
    result = evaluate(
        replace(whole, problems=failed),
        {EngineName.SFACE: STRICT},
        enrol=1,
        seed=0,
        groups={},
        progress=lambda share: None,
    )
    row = result.identification[0]
    assert row.fnir == 0
    assert row.fnir_with_fta == pytest.approx(0.5)


@pytest.mark.parametrize("metric", list(Metric))
def test_the_same_seed_gives_the_same_bytes_and_file_order_changes_nothing(metric: Metric) -> None:
    people = random_people(15, 40, 2, spread=1.2)
    backwards = dict(reversed(people.items()))
    first = as_json(evaluated(people, metric=metric))
    assert first == as_json(evaluated(backwards, metric=metric))
    assert first != as_json(evaluated(people, metric=metric, seed=1))
