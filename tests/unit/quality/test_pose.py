"""A pose that is wrong tells a child who looks at the camera to look at the camera."""

import json
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.align import SFACE_CHIP
from edge.vision.detect import Detector
from edge.vision.quality.pose import head_pose
from tests.gate.parts import PUPILS, picture

UPRIGHT = SFACE_CHIP.landmarks.astype(np.float32)


def test_pose_agrees_with_the_rendered_heads_that_it_was_not_fitted_on(detector: Detector) -> None:
    errors = []
    for pupil in json.loads((PUPILS / "pupils.json").read_text("utf-8"))["pupils"]:
        if int(pupil["id"][1:]) % 2:
            continue
        for name, truth in pupil["images"].items():
            pose = head_pose(detector.detect(picture(pupil["id"], name.removesuffix(".jpg")))[0].landmarks)
            errors.append([pose.yaw - truth["yaw"], pose.pitch - truth["pitch"], pose.roll - truth["roll"]])
    residual = np.sqrt(np.mean(np.square(errors), axis=0))
    assert len(errors) == 96
    np.testing.assert_array_less(residual, [5.5, 6.1, 3.6])  # measured: 5.2, 5.8 and 3.3 degrees


@given(
    turn=st.floats(-60, 60), scale=st.floats(0.3, 5), shift=st.tuples(st.floats(0, 600), st.floats(0, 600))
)
def test_a_tilted_head_is_not_taken_for_a_turned_one(
    turn: float, scale: float, shift: tuple[float, float]
) -> None:
    straight = head_pose(UPRIGHT)
    matrix = cv2.getRotationMatrix2D((56, 56), -turn, scale)
    tilted = head_pose((UPRIGHT @ matrix[:, :2].T + matrix[:, 2] + shift).astype(np.float32))
    assert tilted.yaw == pytest.approx(straight.yaw, abs=0.1)
    assert tilted.pitch == pytest.approx(straight.pitch, abs=0.1)
    assert tilted.roll - straight.roll == pytest.approx(turn, abs=0.1)


def test_the_further_the_nose_points_to_their_left_the_larger_the_yaw() -> None:
    yaws = []
    for aside in (-12, -6, 0, 6, 12):
        points = UPRIGHT.copy()
        points[2, 0] += aside
        yaws.append(head_pose(points).yaw)
    assert all(less < more for less, more in pairwise(yaws))


def test_landmarks_that_are_no_face_are_a_head_turned_away_and_no_crash() -> None:
    assert head_pose(np.zeros((5, 2), np.float32)).yaw == 90
