from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edge.errors import ConfigError
from edge.evaluation.people import People
from edge.evaluation.splits import PARTS, REPEATS, gallery_sizes, make_splits
from edge.match.gallery import Gallery
from edge.vault.templates import Template
from edge.vision.embed import Views
from edge.vision.face import Metric
from tests.builders import consent
from tests.unit.evaluation.made import axis, random_people, unit, views


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("enrol", [1, 3])
def test_a_school_is_told_the_scores_that_its_gate_would_see(metric: Metric, enrol: int) -> None:
    pictures = random_people(1, 7, 5, spread=0.8)
    people = People.of(views(pictures), metric, enrol)
    now = datetime.now(UTC)
    templates = [
        Template(consent(number, given_at=now, expires_at=now + timedelta(days=1)), vector)
        for number, vectors in enumerate(pictures.values(), 1)
        for vector in vectors[:enrol]
    ]
    gallery = Gallery.build(templates, metric)
    for rows, scores in people.scored():
        for probe, row in zip(people.vectors[rows], scores, strict=True):
            np.testing.assert_allclose(row, gallery.scores(probe), atol=2e-3 if row.max() > 0.99 else 1e-5)


def test_the_first_pictures_are_enrolled_and_only_the_others_are_probes() -> None:
    pictures = random_people(2, 3, 4, spread=0.5)
    pictures["single"] = pictures["002"][:1]
    people = People.of(views(pictures), Metric.COSINE, 3)
    assert people.names == ("000", "001", "002", "single")
    np.testing.assert_array_equal(people.references, [0, 1, 2])
    np.testing.assert_allclose(people.templates[1], unit(np.mean(pictures["001"][:3], axis=0)), rtol=1e-5)
    np.testing.assert_array_equal(people.probe, [False, False, False, True] * 3 + [True])


def test_what_is_enrolled_may_be_embedded_with_more_care_than_what_is_searched_with() -> None:
    """As the gate does: the mirrored crop costs time only once, at the kiosk."""
    pictures = {
        name: [Views(probe, reference) for probe, reference in zip(*vectors, strict=True)]
        for name, *vectors in ((f"{n}", [axis(n)] * 2, [axis(n + 9)] * 2) for n in range(3))
    }
    people = People.of(pictures, Metric.COSINE, 1)
    np.testing.assert_array_equal(people.templates[2], axis(11))
    np.testing.assert_array_equal(people.vectors[4], axis(2))


def test_one_picture_a_person_is_too_little_and_the_error_says_so() -> None:
    with pytest.raises(ConfigError, match="only 0 people have 2 usable pictures"):
        People.of(views(random_people(3, 9, 1, spread=0.5)), Metric.COSINE, 1)


def test_everybody_serves_as_enrolled_and_as_stranger_but_never_at_once() -> None:
    pictures = random_people(4, 23, 2, spread=0.5) | {
        f"x{name}": vectors for name, vectors in random_people(5, 8, 1, spread=0.5).items()
    }
    people = People.of(views(pictures), Metric.COSINE, 1)
    splits = make_splits(people, seed=1)
    assert len(splits) == PARTS * REPEATS
    outside = np.concatenate([split.strangers for split in splits])
    assert (np.bincount(outside, minlength=31) == REPEATS).all()
    enrolled = np.concatenate([people.references[split.enrolled] for split in splits])
    assert (np.bincount(enrolled, minlength=31)[people.references] == REPEATS * (PARTS - 1)).all()
    for split in splits:
        assert not np.intersect1d(people.references[split.enrolled], split.strangers).size
    assert gallery_sizes(splits) == (18,)


def test_another_seed_deals_other_galleries_and_the_same_seed_the_same() -> None:
    people = People.of(views(random_people(6, 20, 2, spread=0.5)), Metric.COSINE, 1)
    first, again, other = (make_splits(people, seed)[0].enrolled.tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_two_people_are_enough_to_begin_with() -> None:
    people = People.of(views(random_people(7, 2, 2, spread=0.5)), Metric.COSINE, 1)
    assert gallery_sizes(make_splits(people, seed=0)) == (1,)
