"""Frames that are put together wrongly open the gate for the wrong person, or shut out the right one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.match.fuse import KEPT, Look, best_looks, probe, worth_embedding
from edge.vision.face import Vector


def vector(*values: float) -> Vector:
    return np.asarray(values, np.float32)


def look(quality: float, *values: float) -> Look:
    return Look(quality, vector(*values))


def test_only_the_best_frames_count_so_that_blurred_ones_cannot_spoil_the_answer() -> None:
    sharp = [look(0.9, 1, 0), look(0.8, 0.8, 0.6), look(0.7, 1, 0)]
    blurred = [look(0.2, 0, 1)] * 5
    np.testing.assert_array_equal(probe([*blurred, *sharp, *blurred]), probe(sharp))


def test_a_probe_has_length_one_as_its_threshold_expects() -> None:
    np.testing.assert_allclose(probe([look(0.5, 1, 0), look(0.5, 0, 1)]), [0.5**0.5, 0.5**0.5], rtol=1e-6)


def test_of_frames_as_good_as_each_other_the_newest_count() -> None:
    looks = [look(0.5, number, 1) for number in range(KEPT + 2)]
    assert {float(one.vector[0]) for one in best_looks(looks)} == set(range(2, KEPT + 2))


def test_a_frame_is_embedded_only_if_it_would_count() -> None:
    looks = [look(quality, 1, 0) for quality in (0.9, 0.5)]
    assert worth_embedding(looks, 0.1)
    looks.append(look(0.7, 1, 0))
    assert not worth_embedding(looks, 0.5)
    assert worth_embedding(looks, 0.51)


def test_nothing_is_searched_for_before_anything_was_seen() -> None:
    with pytest.raises(ValueError, match="no look"):
        probe([])


def test_vectors_that_cancel_out_are_nobody() -> None:
    with pytest.raises(ValueError, match="cancel"):
        probe([look(0.5, 1, 0), look(0.5, -1, 0)])


def test_vectors_are_in_no_log() -> None:
    assert "0.123" not in repr(look(0.5, 0.123))


@given(st.lists(st.floats(0, 1), max_size=8), st.floats(0, 1))
def test_what_is_worth_embedding_is_exactly_what_would_change_the_best(
    qualities: list[float], quality: float
) -> None:
    looks = [look(one, 1, 0) for one in qualities]
    before = sorted(one.quality for one in best_looks(looks))
    after = sorted(one.quality for one in best_looks([look(quality, 1, 0), *looks]))
    assert worth_embedding(looks, quality) == (before != after)
