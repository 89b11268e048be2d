from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from edge.vision.detect import Detector
from edge.vision.frame import Image
from edge.vision.pad.check import Look
from edge.vision.pad.corners import Grey
from edge.vision.pad.planarity import LEAST_DEPTH, Planarity, depth
from edge.vision.pad.surroundings import Surroundings
from edge.vision.pad.verdict import Finding, PadReason
from tests.pad.attacks import Instrument, attack_sequence
from tests.pad.material import pupils_shown, walk, walked_attacks, walks
from tests.pad.models import detector as load_detector
from tests.pad.walked import Walked

SIDE = 150


@pytest.fixture(scope="module")
def detector() -> Detector:
    return load_detector()


def looks(detector: Detector, frames: Iterable[Image], interval: float = 0.1) -> list[Look]:
    return [
        Look(frame, faces[0], index * interval)
        for index, frame in enumerate(frames)
        if (faces := detector.detect(frame))
    ]


def finding(seen: list[Look], check: Planarity | Surroundings | None = None) -> Finding:
    observation = (check or Planarity()).begin()
    for look in seen:
        observation.add(look)
    return observation.finding()


def paper() -> Grey:
    """A chip full of corners."""
    noise = np.random.default_rng(4).uniform(0, 255, (SIDE, SIDE))
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 2.5) * 3 - 255, np.uint8)


def seen_from(corners: list[tuple[float, float]], chip: Grey) -> Grey:
    """The chip with its four corners where a camera elsewhere sees them."""
    square = np.asarray([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)], np.float32)
    matrix = cv2.getPerspectiveTransform(square, np.asarray(corners, np.float32))
    return np.asarray(cv2.warpPerspective(chip, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC), np.uint8)


@pytest.mark.parametrize(
    "corners",
    [
        [(3, 2), (153, 2), (153, 152), (3, 152)],
        [(4, -3), (146, 5), (149, 147), (-3, 152)],
        [(-6, -4), (148, 6), (148, 143), (-6, 155)],
    ],
    ids=["shifted", "tilted", "turned"],
)
def test_paper_is_flat_however_it_is_carried(corners: list[tuple[float, float]]) -> None:
    chip = paper()
    seen = depth(chip, seen_from(corners, chip))
    assert seen is not None
    assert seen < LEAST_DEPTH / 5


def test_a_face_whose_middle_stands_out_has_depth() -> None:
    chip = paper()
    rows, columns = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    raised = 10 * np.exp(-((columns - 75) ** 2 + (rows - 77) ** 2) / 40**2)
    turned = np.asarray(cv2.remap(chip, columns - raised, rows, cv2.INTER_CUBIC), np.uint8)
    seen = depth(chip, turned)
    assert seen is not None
    assert seen > LEAST_DEPTH


def test_a_face_without_corners_says_nothing() -> None:
    assert depth(np.full((SIDE, SIDE), 90, np.uint8), paper()) is None


def test_pupils_who_walk_up_to_the_gate_have_depth(detector: Detector) -> None:
    assert [finding(looks(detector, frames)).reason for _, frames in walks()] == [None] * 24


@pytest.mark.parametrize("instrument", [each for each in Walked if each is not Walked.SCREEN_REPLAY])
def test_paper_that_walks_up_like_a_pupil_is_flat(detector: Detector, instrument: Walked) -> None:
    for number in range(3):
        frames = walked_attacks(number)[instrument]
        assert finding(looks(detector, frames)).reason is PadReason.FACE_IS_FLAT


@pytest.mark.parametrize("instrument", [Walked.PRINT_CUT_OUT, Walked.MASK_FLAT, Walked.MASK_BENT])
def test_no_other_check_of_motion_would_stop_a_paper_face(detector: Detector, instrument: Walked) -> None:
    seen = looks(detector, walked_attacks(2)[instrument])
    assert finding(seen, Surroundings()).reason is not PadReason.SCENE_MOVES_ALONG
    assert finding(seen).reason is PadReason.FACE_IS_FLAT


@pytest.mark.parametrize("instrument", list(Instrument))
def test_a_picture_that_sways_in_the_hand_is_flat(detector: Detector, instrument: Instrument) -> None:
    _, picture, box = pupils_shown()[2]
    assert finding(looks(detector, attack_sequence(picture, box, instrument, seed=2))).reason is (
        PadReason.FACE_IS_FLAT
    )


def test_one_pair_of_frames_is_not_enough_to_tell(detector: Detector) -> None:
    assert finding(looks(detector, walk("p05"))[:7]).reason is PadReason.NOTHING_SEEN


def test_frames_of_long_ago_say_nothing_about_now(detector: Detector) -> None:
    assert finding(looks(detector, walk("p05"), interval=1.5)).reason is PadReason.NOTHING_SEEN


def test_who_stood_still_for_long_passes_after_moving(detector: Detector) -> None:
    first, *later = looks(detector, walk("p05"))[4:]
    still = [replace(first, captured=first.captured - 0.1 * before) for before in range(30, 0, -1)]
    assert finding(still).reason is PadReason.FACE_IS_FLAT
    assert finding([*still, first, *later]).reason is None


def test_the_edge_of_the_picture_is_not_taken_for_depth(detector: Detector) -> None:
    _, picture, box = pupils_shown()[2]
    frames = attack_sequence(picture, box, Instrument.PRINT_LARGE, seed=2)
    seen = looks(detector, frames)
    left = max(look.face.box[0] for look in seen)
    cut = [
        Look(
            np.ascontiguousarray(look.image[:, round(left) :]),
            replace(look.face, landmarks=look.face.landmarks - np.asarray((round(left), 0), np.float32)),
            look.captured,
        )
        for look in seen
    ]
    assert finding(cut).reason is PadReason.NOTHING_SEEN
