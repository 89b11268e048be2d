from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import ImageError, ModelError
from edge.match.score import similarity
from edge.vision.embed_sface import SFace
from edge.vision.engine import Engine, load_engine
from edge.vision.engine_choice import DEFAULTS, EngineName
from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store
from tests.unit.vision.drawn import drawn_face

PUPILS = Path(__file__).parents[2] / "pupils"


@pytest.fixture(scope="module", params=list(EngineName))
def engine(request: pytest.FixtureRequest, store: Store) -> Engine:
    return load_engine(request.param, store=store)


def vector(engine: Engine, picture: Image) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return engine.embedder.embed(picture, engine.detector.detect(picture)[0])


def read(path: Path) -> Image:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def score(engine: Engine, one: Image, other: Image) -> float:
    product = vector(engine, one) @ vector(engine, other)
    return float(similarity(np.asarray([product]), engine.embedder.metric)[0])


def test_a_vector_has_the_promised_shape_type_and_length(engine: Engine) -> None:
    found = vector(engine, drawn_face())
    assert found.shape == (engine.embedder.dimension,)
    assert found.dtype == np.float32
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)


def test_the_same_picture_gives_the_same_vector(engine: Engine) -> None:
    np.testing.assert_array_equal(vector(engine, drawn_face()), vector(engine, drawn_face()))


def test_a_vector_given_out_is_not_changed_by_the_next_face(engine: Engine) -> None:
    first = vector(engine, drawn_face(radius=80))
    kept = first.copy()
    vector(engine, drawn_face(radius=140))
    np.testing.assert_array_equal(first, kept)


def test_a_face_elsewhere_in_the_picture_and_smaller_is_the_same_face(engine: Engine) -> None:
    assert (
        score(engine, drawn_face(), drawn_face(x=200, y=260, radius=75))
        > DEFAULTS[EngineName.SFACE].point(1000).threshold
    )


@pytest.mark.parametrize("name", list(EngineName))
def test_with_mirroring_a_face_and_its_mirror_image_are_one(store: Store, name: EngineName) -> None:
    engine = load_engine(name, store=store)
    if name is EngineName.SFACE:
        engine = Engine(engine.detector, SFace(store.load(CATALOGUE[ModelName.SFACE]), mirror=True))
    picture = drawn_face()
    picture[:, :320] //= 2
    face = engine.detector.detect(picture)[0]
    flipped = face.landmarks[[1, 0, 2, 4, 3]].copy()
    flipped[:, 0] = picture.shape[1] - 1 - flipped[:, 0]
    twin = Face(face.box, flipped, face.score)
    one = engine.embedder.embed(picture, face)
    other = engine.embedder.embed(np.ascontiguousarray(picture[:, ::-1]), twin)
    # Not closer: SFace's reference points are not quite symmetric.
    assert np.linalg.norm(one - other) < 0.15 * np.linalg.norm(one)


def test_what_is_enrolled_has_the_mirrored_face_in_it_and_what_is_searched_with_stays_fast(
    engine: Engine,
) -> None:
    picture = drawn_face()
    picture[:, :320] //= 2
    face = engine.detector.detect(picture)[0]
    views = engine.embedder.views(picture, face)
    np.testing.assert_allclose(views.probe, engine.embedder.embed(picture, face), atol=1e-6)
    alone = engine.embedder.name == SFace.name
    assert np.allclose(views.probe, views.reference, atol=1e-6) != alone
    assert "array" not in repr(views)


def test_an_sface_reference_is_the_vector_with_the_mirrored_crop(store: Store) -> None:
    model = store.load(CATALOGUE[ModelName.SFACE])
    detector = load_engine(EngineName.SFACE, store=store).detector
    picture = drawn_face()
    face = detector.detect(picture)[0]
    np.testing.assert_allclose(
        SFace(model).views(picture, face).reference, SFace(model, mirror=True).embed(picture, face), atol=1e-6
    )


def test_a_picture_in_another_format_is_refused(engine: Engine) -> None:
    face = engine.detector.detect(drawn_face())[0]
    with pytest.raises(ImageError):
        engine.embedder.embed(np.zeros((480, 640), np.uint8), face)


@pytest.mark.parametrize("name", list(EngineName))
def test_a_gate_without_models_does_not_start_and_says_why(tmp_path: Path, name: EngineName) -> None:
    with pytest.raises(ModelError, match="qaqpa-gate models install"):
        load_engine(name, store=Store(tmp_path))


def test_the_number_of_threads_is_what_was_asked_for(store: Store) -> None:
    before = cv2.getNumThreads()
    try:
        load_engine(EngineName.SFACE, threads=1, store=store)
        assert cv2.getNumThreads() == 1
    finally:
        cv2.setNumThreads(before)


def test_every_pupil_is_nearest_to_their_own_enrolment(engine: Engine) -> None:
    folders = sorted(folder for folder in PUPILS.glob("p[0-9]*") if (folder / "enrol_1.jpg").is_file())
    if len(folders) < 2:
        pytest.skip("the rendered pupils are not here")
    gallery = np.stack([vector(engine, read(folder / "enrol_1.jpg")) for folder in folders])
    tried = 0
    for index, folder in enumerate(folders):
        for path in sorted(folder.glob("enrol_[2-9].jpg")):
            distances = np.linalg.norm(gallery - vector(engine, read(path)), axis=1)
            assert int(distances.argmin()) == index, path.name
            tried += 1
    assert tried >= len(folders)
