"""The ONNX graph against dlib itself, on the same chips."""

from itertools import combinations

import numpy as np
import pytest

from edge.vision.align import DLIB_CHIP, align
from edge.vision.detect import Detector
from edge.vision.embed_dlib import DlibResNet
from edge.vision.frame import Image
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store
from tests.unit.vision.drawn import drawn_face

dlib = pytest.importorskip("dlib")
face_recognition = pytest.importorskip("face_recognition")
models = pytest.importorskip("face_recognition_models")

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@pytest.fixture(scope="module")
def chips(detector: Detector) -> list[Image]:
    """Drawn faces from very alike to very unlike, so that distances lie on both sides of the tolerance."""
    random = np.random.default_rng(3)
    made = []
    for radius in (60, 90, 130):
        picture = drawn_face(radius=radius)
        landmarks = detector.detect(picture)[0].landmarks
        for noise in (0, 12, 60):
            noisy = picture + random.normal(0, noise, picture.shape)
            made.append(align(np.clip(noisy, 0, 255).astype(np.uint8), landmarks, DLIB_CHIP))
    made.append(random.integers(0, 256, (150, 150, 3), np.uint8))
    made.append(np.zeros((150, 150, 3), np.uint8))
    return made


@pytest.fixture(scope="module")
def theirs(chips: list[Image]) -> list[Floats]:
    network = dlib.face_recognition_model_v1(models.face_recognition_model_location())
    return [np.asarray(network.compute_face_descriptor(np.ascontiguousarray(c[:, :, ::-1]))) for c in chips]


@pytest.fixture(scope="module")
def ours(chips: list[Image], store: Store) -> list[Floats]:
    network = DlibResNet(store.load(CATALOGUE[ModelName.DLIB]))
    return [network.embed_chip(chip).astype(np.float64) for chip in chips]


def test_descriptors_are_dlibs_own(ours: list[Floats], theirs: list[Floats]) -> None:
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_the_customary_tolerance_gives_the_same_verdicts(ours: list[Floats], theirs: list[Floats]) -> None:
    verdicts = []
    for one, other in combinations(range(len(ours)), 2):
        wanted = bool(face_recognition.compare_faces([theirs[one]], theirs[other], tolerance=0.6)[0])
        score = 1 - float(np.linalg.norm(ours[one] - ours[other]))
        assert (score >= 1 - 0.6) == wanted
        verdicts.append(wanted)
    assert set(verdicts) == {True, False}


def test_faces_found_by_yunet_get_the_vectors_that_face_recognition_gives_them(
    detector: Detector, store: Store
) -> None:
    network = DlibResNet(store.load(CATALOGUE[ModelName.DLIB]))
    distances = []
    for radius in (60, 80, 90, 110, 130):
        picture = drawn_face(radius=radius)
        (known,) = face_recognition.face_encodings(np.ascontiguousarray(picture[:, :, ::-1]), model="small")
        found = network.embed(picture, detector.detect(picture)[0])
        distances.append(float(np.linalg.norm(found - known / np.linalg.norm(known))))
    # Measured: 0.09 to 0.15 here; two good pictures of one adult are about 0.16 apart.
    assert np.median(distances) < 0.17
