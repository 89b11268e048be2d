from collections.abc import Iterable

import numpy as np
import pytest

from edge.vision.detect import Detector
from edge.vision.frame import Image
from edge.vision.pad.check import Look
from edge.vision.pad.surroundings import Surroundings
from edge.vision.pad.verdict import Finding, PadReason
from tests.pad.attacks import Instrument, attack_sequence
from tests.pad.material import pupils_shown, walked_attacks, walks
from tests.pad.models import detector as load_detector
from tests.pad.walked import Walked


@pytest.fixture(scope="module")
def detector() -> Detector:
    return load_detector()


def looks(detector: Detector, frames: Iterable[Image], interval: float = 0.1) -> list[Look]:
    return [
        Look(frame, faces[0], index * interval)
        for index, frame in enumerate(frames)
        if (faces := detector.detect(frame))
    ]


def finding(seen: list[Look]) -> Finding:
    observation = Surroundings().begin()
    for look in seen:
        observation.add(look)
    return observation.finding()


def test_nearly_all_pupils_who_walk_up_to_the_gate_are_not_taken_for_pictures(detector: Detector) -> None:
    reasons = [finding(looks(detector, walk)).reason for _, walk in walks()]
    assert len(reasons) == 24
    assert reasons.count(None) >= 22  # docs/pad.md tells of the two


def test_a_print_carried_just_as_the_pupil_walked_is_caught_by_its_background(detector: Detector) -> None:
    for number in range(3):
        frames = walked_attacks(number)[Walked.PRINT_WALKED]
        assert finding(looks(detector, frames)).reason is PadReason.SCENE_MOVES_ALONG


@pytest.mark.parametrize("instrument", list(Instrument))
def test_a_picture_that_sways_in_the_hand_is_caught(detector: Detector, instrument: Instrument) -> None:
    _, picture, box = pupils_shown()[2]
    frames = attack_sequence(picture, box, instrument, seed=2)
    assert finding(looks(detector, frames)).reason is PadReason.SCENE_MOVES_ALONG


def test_a_picture_on_a_stand_that_never_moves_is_not_let_through(detector: Detector) -> None:
    _, picture, _ = pupils_shown()[0]
    chance = np.random.default_rng(1)
    frames = [
        np.clip(picture + chance.normal(0, 2, picture.shape), 0, 255).astype(np.uint8) for _ in range(10)
    ]
    assert finding(looks(detector, frames)).reason is PadReason.NOTHING_SEEN


def test_a_face_too_far_away_to_tell_is_neither_passed_nor_accused(detector: Detector) -> None:
    far = [look for look in looks(detector, walks()[0][1]) if look.face.box[2] < 64]
    assert len(far) > 3
    assert finding(far).reason is PadReason.NOTHING_SEEN


def test_frames_of_long_ago_say_nothing_about_now(detector: Detector) -> None:
    _, walk = walks()[0]
    assert finding(looks(detector, walk, interval=1.5)).reason is PadReason.NOTHING_SEEN


def test_a_camera_that_changes_its_format_breaks_nothing(detector: Detector) -> None:
    seen = looks(detector, walks()[0][1])
    smaller = Look(seen[8].image[:400].copy(), seen[8].face, seen[8].captured)
    assert finding([seen[4], seen[6], smaller]).reason is None
    assert finding([seen[6], smaller]).reason is PadReason.NOTHING_SEEN


def test_a_face_outside_the_picture_is_an_error_and_so_a_denial(detector: Detector) -> None:
    seen = looks(detector, walks()[0][1])
    away = type(seen[0].face)((900, 900, 80, 80), seen[0].face.landmarks, 1.0)
    observation = Surroundings().begin()
    observation.add(Look(seen[0].image, away, 0.0))
    with pytest.raises(ValueError, match="outside"):
        observation.add(Look(seen[2].image, away, 0.2))
