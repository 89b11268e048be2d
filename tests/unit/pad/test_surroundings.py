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


def findings(seen: list[Look]) -> list[Finding]:
    """What the check says after each frame: a gate opens at the first moment that has nothing against it."""
    observation, said = Surroundings().begin(), []
    for look in seen:
        observation.add(look)
        said.append(observation.finding())
    return said


def finding(seen: list[Look]) -> Finding:
    return findings(seen)[-1]


def test_pupils_who_walk_up_to_the_gate_are_not_taken_for_pictures(detector: Detector) -> None:
    """None is ever accused, and nine in ten are through by the time they stand at the gate."""
    said = {name: findings(looks(detector, walk)) for name, walk in walks()}
    accused = [
        name for name, found in said.items() if {f.reason for f in found} - {None, PadReason.NOTHING_SEEN}
    ]
    assert accused == []
    assert len(said) == 24
    assert sum(found[-1].reason is None for found in said.values()) >= 0.9 * len(said)


def test_a_print_carried_just_as_the_pupil_walked_is_never_let_through(detector: Detector) -> None:
    for number in range(3):
        frames = walked_attacks(number)[Walked.PRINT_WALKED]
        assert all(said.reason is not None for said in findings(looks(detector, frames)))


@pytest.mark.parametrize("instrument", list(Instrument))
def test_a_picture_that_sways_in_the_hand_is_caught(detector: Detector, instrument: Instrument) -> None:
    _, picture, box = pupils_shown()[2]
    frames = attack_sequence(picture, box, instrument, seed=2)
    said = findings(looks(detector, frames))
    assert said[-1].reason is PadReason.SCENE_MOVES_ALONG
    assert all(each.reason is not None for each in said)


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
    smaller = Look(seen[11].image[:400].copy(), seen[11].face, seen[11].captured + 0.2)
    assert finding([*seen, smaller]) == finding(seen)
    assert finding([seen[6], smaller]).reason is PadReason.NOTHING_SEEN


def test_a_face_outside_the_picture_is_an_error_and_so_a_denial(detector: Detector) -> None:
    seen = looks(detector, walks()[0][1])
    away = type(seen[0].face)((900, 900, 80, 80), seen[0].face.landmarks, 1.0)
    observation = Surroundings().begin()
    observation.add(Look(seen[0].image, away, 0.0))
    with pytest.raises(ValueError, match="outside"):
        observation.add(Look(seen[2].image, away, 0.2))
