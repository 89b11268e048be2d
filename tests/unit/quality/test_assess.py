"""Quality chooses the frames that are matched, and its hint is what a child in front of the gate is told."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.errors import ImageError
from edge.vision.detect import Detector
from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.quality.assess import Ramp, assess, judge
from edge.vision.quality.component import Component, Hint, Name, Quality
from edge.vision.quality.measure import Measures
from edge.vision.quality.pose import Pose
from tests.gate.parts import picture


@pytest.fixture(scope="module")
def good() -> Image:
    return picture("p03", "enrol_1")


@pytest.fixture(scope="module")
def face(good: Image, detector: Detector) -> Face:
    return detector.detect(good)[0]


def of(quality: Quality, name: Name) -> float:
    return next(component.value for component in quality.components if component.name is name)


def byte(values: NDArray[np.floating]) -> Image:
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def test_a_good_picture_is_good_and_nobody_is_told_anything(good: Image, face: Face) -> None:
    quality = assess(good, face)
    assert quality.overall > 0.9
    assert quality.hint is None
    assert [component.name for component in quality.components] == list(Name)


def test_a_child_who_moves_is_told_to_hold_still_whichever_way_they_move(good: Image, face: Face) -> None:
    for kernel in (np.ones((1, 41)), np.ones((41, 1)), np.eye(35)):
        moved = np.asarray(cv2.filter2D(good, -1, kernel / kernel.sum()), np.uint8)
        quality = assess(moved, face)
        assert of(quality, Name.SHARPNESS) < 0.5
        assert quality.hint is Hint.HOLD_STILL
        assert quality.overall < assess(good, face).overall


def test_noise_is_not_taken_for_sharpness(good: Image, face: Face) -> None:
    blurred = cv2.GaussianBlur(good, (0, 0), 10)
    noisy = byte(blurred + np.random.default_rng(1).normal(0, 6, good.shape))
    assert of(assess(noisy, face), Name.SHARPNESS) < 0.5


def test_too_little_and_too_much_light_are_told_apart(good: Image, face: Face) -> None:
    for gain, hint in ((0.06, Hint.TOO_DARK), (8.0, Hint.TOO_BRIGHT)):
        quality = assess(byte(good * gain), face)
        assert quality.hint is hint
        assert of(quality, Name.EXPOSURE) < 0.5


def test_a_child_far_away_is_told_to_come_closer(good: Image, detector: Detector) -> None:
    small = np.asarray(cv2.resize(good, None, fx=0.16, fy=0.16, interpolation=cv2.INTER_AREA), np.uint8)
    far = np.asarray(cv2.copyMakeBorder(small, 100, 100, 100, 100, cv2.BORDER_REPLICATE), np.uint8)
    quality = assess(far, detector.detect(far)[0])
    assert quality.hint is Hint.COME_CLOSER


def test_a_covered_mouth_or_eye_is_noticed(good: Image, face: Face) -> None:
    eyes = face.landmarks[:2].mean(axis=0)
    side = float(np.linalg.norm(face.landmarks[1] - face.landmarks[0]))
    mouth = face.landmarks[3:].mean(axis=0)
    for middle, name in ((eyes, Name.EYES), (mouth, Name.MOUTH)):
        covered = good.copy()
        centre = (round(float(middle[0])), round(float(middle[1])))
        cv2.ellipse(covered, centre, (round(side), round(side * 0.4)), 0, 0, 360, (120, 150, 180), -1)
        quality = assess(covered, face)
        assert of(quality, name) < 0.5
        assert quality.hint is Hint.UNCOVER_FACE


def test_a_dark_skin_in_good_light_is_not_called_too_dark(detector: Detector) -> None:
    for shot in ("enrol_1", "enrol_2", "enrol_3"):
        image = picture("p22", shot)
        quality = assess(image, detector.detect(image)[0])
        assert quality.hint is None
        assert min(of(quality, Name.EXPOSURE), of(quality, Name.CONTRAST)) > 0.8


def test_a_face_that_hangs_over_the_edge_is_measured_without_a_crash(good: Image, face: Face) -> None:
    edge = Face((-60, -80, 170, 220), face.landmarks - face.landmarks.mean(axis=0), 0.8)
    assert 0 <= assess(good, edge).overall < 0.9


def test_landmarks_that_are_no_face_are_refused(good: Image) -> None:
    with pytest.raises(ImageError, match="landmarks"):
        assess(good, Face((0, 0, 10, 10), np.full((5, 2), 5, np.float32), 0.9))


FINE = Measures(
    eye_distance=60,
    pose=Pose(0, 0, 0),
    sharpness=1,
    under=0,
    over=0,
    mean=130,
    contrast=90,
    noise=2,
    eyes=0.8,
    mouth=0.7,
    confidence=0.95,
)


def test_a_perfect_face_has_quality_one() -> None:
    assert judge(FINE).overall == pytest.approx(1)


def test_a_head_turned_away_spoils_the_pose_and_the_hint_says_so() -> None:
    for pose in (Pose(44, 0, 0), Pose(-44, 0, 0), Pose(0, 34, 0), Pose(0, 0, -44)):
        quality = judge(Measures(**{name: getattr(FINE, name) for name in FINE.__slots__} | {"pose": pose}))
        assert quality.hint is Hint.LOOK_AT_CAMERA
        assert quality.worst.name is Name.POSE


@given(
    st.builds(
        Measures,
        eye_distance=st.floats(0, 1e4),
        pose=st.builds(Pose, st.floats(-180, 180), st.floats(-180, 180), st.floats(-180, 180)),
        sharpness=st.floats(0, 1e6),
        under=st.floats(0, 1),
        over=st.floats(0, 1),
        mean=st.floats(0, 255),
        contrast=st.floats(0, 255),
        noise=st.floats(0, 255),
        eyes=st.floats(0, 10),
        mouth=st.floats(0, 10),
        confidence=st.floats(0, 1),
    )
)
def test_whatever_is_measured_the_overall_lies_between_the_worst_and_the_best(measures: Measures) -> None:
    quality = judge(measures)
    values = [component.value for component in quality.components]
    assert min(values) - 1e-9 <= quality.overall <= max(values) + 1e-9
    assert quality.worst.value == min(values)


@given(st.floats(-10, 10))
def test_a_ramp_may_go_either_way(value: float) -> None:
    assert Ramp(0, 1).at(value) == pytest.approx(1 - Ramp(1, 0).at(value))


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_a_component_outside_its_scale_is_a_mistake(value: float) -> None:
    with pytest.raises(ValueError, match="0 and 1"):
        Component(Name.SIZE, value, Hint.COME_CLOSER)
