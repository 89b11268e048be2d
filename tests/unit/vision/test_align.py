import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ImageError
from edge.vision.align import DLIB_CHIP, SFACE_CHIP, Chip, align, similarity
from edge.vision.detect import Detector
from edge.vision.embed_sface import SFace
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store
from tests.unit.vision.drawn import drawn_face

CHIPS = pytest.mark.parametrize("chip", [SFACE_CHIP, DLIB_CHIP], ids=["sface", "dlib"])


@given(
    turn=st.floats(-np.pi, np.pi),
    scale=st.floats(0.1, 10),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_a_turned_scaled_and_shifted_face_is_brought_back_exactly(
    turn: float, scale: float, shift: tuple[float, float]
) -> None:
    rotation = np.asarray([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * scale
    points = (SFACE_CHIP.landmarks @ rotation.T + shift).astype(np.float32)
    matrix = similarity(points, SFACE_CHIP.landmarks)
    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], SFACE_CHIP.landmarks, atol=0.01)


@CHIPS
def test_a_chip_has_the_size_its_network_wants(chip: Chip, detector: Detector) -> None:
    picture = drawn_face()
    crop = align(picture, detector.detect(picture)[0].landmarks, chip)
    assert crop.shape == (chip.side, chip.side, 3)
    assert crop.dtype == np.uint8


@CHIPS
@pytest.mark.parametrize(
    "landmarks",
    [
        np.full((5, 2), 7, np.float32),
        np.full((5, 2), np.nan, np.float32),
        np.full((5, 2), np.inf, np.float32),
    ],
    ids=["one point", "nan", "infinite"],
)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_landmarks_that_are_no_face_are_refused(
    chip: Chip, landmarks: np.ndarray[tuple[int, int], np.dtype[np.float32]]
) -> None:
    with pytest.raises(ImageError, match="landmarks"):
        align(drawn_face(), landmarks, chip)


def test_sface_gives_the_vector_that_opencvs_own_recogniser_would(detector: Detector, store: Store) -> None:
    model = store.load(CATALOGUE[ModelName.SFACE])
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    recogniser = cv2.FaceRecognizerSF.create("onnx", np.frombuffer(model, np.uint8), np.empty(0, np.uint8))
    cv2.utils.logging.setLogLevel(level)
    picture = drawn_face(radius=120)
    face = detector.detect(picture)[0]
    row = np.concatenate([face.box, face.landmarks.ravel(), [face.score]]).astype(np.float32)
    theirs = recogniser.feature(recogniser.alignCrop(picture, row[np.newaxis]))[0]
    assert SFace(model).embed(picture, face) @ theirs / np.linalg.norm(theirs) > 0.9999
