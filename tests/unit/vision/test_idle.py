"""The detector rests while the lane is empty, and never while somebody comes."""

import numpy as np
import pytest

from edge.vision.frame import Image
from edge.vision.idle import LOOK_ANYWAY_SECONDS, EmptyLane
from tests.demo.camera import pictures
from tests.gate.parts import PUPILS
from turnstile.simulation.walks import empty_lane


def noisy(image: Image, seed: int, levels: float = 6.0) -> Image:
    noise = np.random.default_rng(seed).normal(0, levels, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def test_a_camera_that_only_rustles_does_not_wake_the_detector() -> None:
    lane = EmptyLane()
    lane.looked(noisy(empty_lane(), 0), 0, 0.0)
    assert all(lane.still_empty(noisy(empty_lane(), seed), 0.01 * seed) for seed in range(1, 30))


@pytest.mark.parametrize("pupil", ["p02", "p05", "p09", "p12", "p17", "p22"])
def test_whoever_walks_in_wakes_it_with_the_first_frame(pupil: str) -> None:
    lane = EmptyLane()
    lane.looked(noisy(empty_lane(), 0), 0, 0.0)
    assert not lane.still_empty(noisy(pictures(PUPILS / pupil)[0], 1), 0.05)


def test_a_small_change_far_away_wakes_it_too() -> None:
    lane = EmptyLane()
    lane.looked(empty_lane(), 0, 0.0)
    person = empty_lane()
    person[200:232, 300:324] = (90, 110, 160)
    assert not lane.still_empty(person, 0.05)


def test_it_looks_again_before_long_whatever_it_believes() -> None:
    lane = EmptyLane()
    lane.looked(empty_lane(), 0, 0.0)
    assert lane.still_empty(empty_lane(), LOOK_ANYWAY_SECONDS - 0.01)
    assert not lane.still_empty(empty_lane(), LOOK_ANYWAY_SECONDS)


def test_somebody_standing_still_is_looked_at_every_time() -> None:
    lane = EmptyLane()
    lane.looked(empty_lane(), 1, 0.0)
    assert not lane.still_empty(empty_lane(), 0.05)


def test_the_first_picture_is_always_looked_at() -> None:
    assert not EmptyLane().still_empty(empty_lane(), 0.0)
