"""What the detector does to one side only must not decide who is a person."""

import cv2
import numpy as np
import pytest

from edge.vision.detect import Detector
from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.pad.both_ways import detect_both_ways
from edge.vision.pad.relief import nose_place
from tests.pad.heads import View
from tests.pad.material import PUPILS, read
from tests.pad.models import detector, detector_model, find_both_ways
from tests.pad.turned import held

PICTURE = PUPILS / "p13" / "enrol_1.jpg"


def mirrored(image: Image) -> Image:
    return np.asarray(cv2.flip(image, 1), np.uint8)


def aside(image: Image) -> float:
    place = nose_place(find_both_ways(image)[0].landmarks)
    assert place is not None
    return place.aside


def test_a_mirror_image_gives_the_same_face_mirrored_which_one_look_alone_does_not() -> None:
    image = held(read(PICTURE), (221, 106, 160, 200), View(yaw=-40), 75.0)
    assert aside(image) == pytest.approx(-aside(mirrored(image)), abs=1e-6)
    alone = [nose_place(detector().detect(one)[0].landmarks) for one in (image, mirrored(image))]
    assert alone[0] is not None
    assert alone[1] is not None
    assert abs(alone[0].aside + alone[1].aside) > 0.05
    points, others = (find_both_ways(one)[0].landmarks for one in (image, mirrored(image)))
    np.testing.assert_allclose(points[2], (image.shape[1] - 1 - others[2, 0], others[2, 1]), atol=1e-3)


def test_landmarks_stay_the_persons_own_left_and_right() -> None:
    once, both = detector().detect(read(PICTURE))[0], find_both_ways(read(PICTURE))[0]
    assert both.box == once.box
    width = once.box[2]
    assert np.abs(both.landmarks - once.landmarks).max() < 0.05 * width
    assert both.landmarks[0, 0] < both.landmarks[1, 0]


def test_each_of_two_people_keeps_their_own_landmarks() -> None:
    one, other = read(PICTURE), read(PUPILS / "p02" / "enrol_1.jpg")
    both = find_both_ways(np.hstack([one, other]))
    places = sorted(face.landmarks[2, 0] for face in both)
    assert len(places) == 2
    assert places[0] < one.shape[1] < places[1]


def test_a_face_that_is_found_in_one_way_only_is_not_used() -> None:
    class HalfBlind(Detector):
        """Sees only the left half of the second picture that it is shown, a mirror image."""

        calls = 0

        def detect(self, image: Image) -> list[Face]:
            self.calls += 1
            faces = super().detect(image)
            return [face for face in faces if self.calls == 1 or face.box[0] < image.shape[1] / 2]

    one, other = read(PICTURE), read(PUPILS / "p02" / "enrol_1.jpg")
    (found,) = detect_both_ways(HalfBlind(detector_model()), np.hstack([one, other]))
    assert found.box[0] > one.shape[1]
