"""What decides how children are enrolled must compare what it says it compares."""

import numpy as np
import pytest

from tests.experiments.ablation import halvings
from tests.experiments.openset import bootstrap_weights
from tests.experiments.probes import Floats, Probes, System
from tests.experiments.templates import (
    WAYS,
    Kept,
    Way,
    measured,
    scored,
    table,
    templates,
)

PEOPLE = 12


def made() -> tuple[Probes, dict[System, Floats]]:
    """People at right angles to each other, with a second and third picture that hardly show them."""
    who = np.eye(PEOPLE)
    blurred = who + 0.9
    enrolled = np.stack([who, blurred, blurred], axis=1)
    frames = np.repeat(who[:, np.newaxis], 3, axis=1)
    systems = (System.SFACE, System.SFACE_M, System.DLIB_M)
    probes = Probes(
        np.arange(PEOPLE),
        np.full((PEOPLE, 3), 0.5),
        {name: who for name in systems},
        {name: frames for name in systems},
        {},
    )
    return probes, {name: enrolled for name in systems}


@pytest.mark.parametrize(("kept", "count"), [(Kept.ONE, 1), (Kept.MAX, 3), (Kept.MEAN, 1), (Kept.BOTH, 4)])
def test_every_way_compares_with_as_many_templates_as_it_says(kept: Kept, count: int) -> None:
    _, enrolled = made()
    found = templates(kept, enrolled)
    assert len(found) == count
    assert all(each[System.SFACE].shape == (PEOPLE, PEOPLE) for each in found)


def test_the_best_of_the_templates_is_the_good_picture_and_their_mean_is_not() -> None:
    probes, enrolled = made()
    own = {
        kept: np.diag(scored(Way(System.SFACE_M, System.SFACE, kept, 3), probes, enrolled)) for kept in Kept
    }
    np.testing.assert_allclose(own[Kept.ONE], 1)
    np.testing.assert_allclose(own[Kept.MAX], 1)
    np.testing.assert_allclose(own[Kept.BOTH], 1)
    assert (own[Kept.MEAN] < 0.9).all()


def test_a_visit_without_a_face_finds_nobody() -> None:
    probes, enrolled = made()
    probes.frames[System.SFACE][0] = np.nan
    probes.quality[0] = np.nan
    assert (scored(Way(System.SFACE, System.SFACE, Kept.MEAN, 3), probes, enrolled)[0] == -np.inf).all()


def test_people_who_are_told_apart_are_missed_by_no_way_and_every_way_has_its_line() -> None:
    probes, enrolled = made()
    ways = [way for way in WAYS if way.searched in (System.SFACE, System.DLIB_M)]
    drawn, weights = halvings(PEOPLE, 1, 2, 1), bootstrap_weights(PEOPLE, 3, 1)
    lines = {way: measured(probes.person, scored(way, probes, enrolled), drawn, weights) for way in ways}
    assert all((line.reported == 0).all() for line in lines.values())
    assert table(lines, lambda way: way).count("\n") == len(ways) - 1
