import cv2
import numpy as np
import pytest

from edge.errors import ImageError, ModelError
from edge.vision.detect import Detector
from edge.vision.frame import Image
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store
from tests.unit.vision.drawn import drawn_face


def test_a_face_is_found_where_it_is_in_the_cameras_own_pixels(detector: Detector) -> None:
    (face,) = detector.detect(drawn_face(x=420, y=200, radius=90))
    left, top, width, height = face.box
    assert abs(left + width / 2 - 420) < 20
    assert abs(top + height / 2 - 200) < 30
    right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks
    for found, wanted in (
        (right_eye, (390, 182)),
        (left_eye, (450, 182)),
        (nose, (420, 225)),
        (right_mouth, (391, 254)),
        (left_mouth, (449, 254)),
    ):
        np.testing.assert_allclose(found, wanted, atol=15)


def test_the_persons_right_eye_comes_first_as_the_aligner_expects(detector: Detector) -> None:
    (face,) = detector.detect(drawn_face())
    assert face.landmarks[0, 0] < face.landmarks[1, 0]
    assert face.landmarks[3, 0] < face.landmarks[4, 0]
    assert face.landmarks.dtype == np.float32


def test_the_child_in_front_comes_before_the_one_behind(detector: Detector) -> None:
    both = drawn_face(x=480, radius=100, canvas=drawn_face(x=140, radius=55))
    near, far = detector.detect(both)
    assert near.box[0] > far.box[0]
    assert near.box[2] > far.box[2]


def test_the_same_face_lies_at_the_same_place_at_every_working_resolution(store: Store) -> None:
    model = store.load(CATALOGUE[ModelName.YUNET])
    picture = drawn_face(radius=100)
    middles = []
    for side in (240, 320, 640, 1000):
        (face,) = Detector(model, working_side=side).detect(picture)
        middles.append(face.landmarks.mean(axis=0))
    np.testing.assert_allclose(middles, np.broadcast_to(middles[0], (4, 2)), atol=8)


def test_an_empty_gate_shows_no_face(detector: Detector) -> None:
    assert detector.detect(np.full((480, 640, 3), 90, np.uint8)) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 640, 3), (640, 1, 3), (33, 17, 3)])
def test_odd_pictures_give_no_face_and_no_crash(detector: Detector, shape: tuple[int, ...]) -> None:
    assert detector.detect(np.zeros(shape, np.uint8)) == []


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.float32),
        np.zeros((0, 640, 3), np.uint8),
    ],
    ids=["grey", "with alpha", "float", "empty"],
)
def test_what_is_no_colour_picture_is_refused(detector: Detector, picture: Image) -> None:
    with pytest.raises(ImageError, match="H x W x 3"):
        detector.detect(picture)


@pytest.mark.parametrize(("side", "threshold"), [(0, 0.7), (-1, 0.7), (320, 0.0), (320, 1.1)])
def test_senseless_settings_are_refused_at_the_start(store: Store, side: int, threshold: float) -> None:
    with pytest.raises(ValueError, match="is not"):
        Detector(store.load(CATALOGUE[ModelName.YUNET]), side, threshold)


def test_bytes_that_are_no_model_stop_the_start() -> None:
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        with pytest.raises(ModelError, match="models verify"):
            Detector(b"not a model")
    finally:
        cv2.utils.logging.setLogLevel(level)
