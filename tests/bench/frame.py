"""Frame to decision, beside the loops people write with face_recognition and with OpenCV: same frames."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np

from edge.decide import Limits, Scene, decide
from edge.match.live import LiveGallery
from edge.match.score import Match
from edge.vision.engine import DEFAULTS, Engine, EngineName, load_engine
from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from tests.bench.gallery import CHILDREN, EACH, live_gallery, unit
from tests.bench.table import Row, median_ms
from tests.demo.camera import lobby

PUPILS = Path(__file__).resolve().parents[1] / "pupils"
FRAMES = 24
EMPTY_LIMIT_MS = 8.0


def frame_rows() -> list[Row]:
    """Both engines against face_recognition, the default one also against OpenCV's own loop."""
    frames = [_read(path) for path in sorted(PUPILS.glob("p*/gate_1.jpg"))[:FRAMES]]
    naive = median_ms(_face_recognition(frames), runs=len(frames))
    rows = []
    for name in (EngineName.SFACE, EngineName.DLIB):  # the fused engine is one after the other
        engine = load_engine(name)
        with live_gallery(engine.embedder) as gallery:
            ours = median_ms(_ours(engine, name, gallery, frames), runs=3 * len(frames))
            empty = median_ms(_ours(engine, name, gallery, [lobby()]), runs=50)
        title = f"frame to decision, {name.value}, {CHILDREN:,} x {EACH}"
        rows.append(Row(title, ours, naive, "ms", "face_recognition", 5.0))
        if name is EngineName.SFACE:
            peer = median_ms(_opencv(frames), runs=3 * len(frames))
            rows.append(Row(title, ours, peer, "ms", "FaceDetectorYN + FaceRecognizerSF", 1.0))
            rows.append(Row("empty frame", empty, EMPTY_LIMIT_MS, "ms", "limit", 1.0))
    return rows


def _ours(
    engine: Engine, name: EngineName, gallery: LiveGallery, frames: list[Image]
) -> Callable[[], object]:
    turn, point, now = cycle(frames), DEFAULTS[name], datetime.now(UTC)

    def work() -> None:
        image = next(turn)

        def identify(face: Face) -> Match:
            return gallery.search(engine.embedder.embed(image, face), point, now)

        scene = Scene(0.0, engine.detector.detect(image))
        decide(scene, identify, gallery.consent, Limits(min_face=40), now)

    return work


def _face_recognition(frames: list[Image]) -> Callable[[], object]:
    import face_recognition  # noqa: PLC0415 - only the benchmark has it

    known = list(np.random.default_rng(7).standard_normal((CHILDREN * EACH, 128)))
    turn = cycle([cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) for frame in frames])

    def work() -> None:
        image = next(turn)
        places = face_recognition.face_locations(image)
        for encoding in face_recognition.face_encodings(image, places, model="small"):
            int(np.argmin(face_recognition.face_distance(known, encoding)))

    return work


def _opencv(frames: list[Image]) -> Callable[[], object]:
    store, turn = Store(models_folder()), cycle(frames)
    height, width = frames[0].shape[:2]
    detector = cv2.FaceDetectorYN.create(str(store.path(CATALOGUE[ModelName.YUNET])), "", (width, height))
    embedder = cv2.FaceRecognizerSF.create(str(store.path(CATALOGUE[ModelName.SFACE])), "")
    random = np.random.default_rng(7).standard_normal((CHILDREN * EACH, 128)).astype(np.float32)
    known = np.stack([unit(vector) for vector in random])

    def work() -> None:
        image = next(turn)
        _, faces = detector.detect(image)
        for face in faces if faces is not None else []:
            int(np.argmax(known @ embedder.feature(embedder.alignCrop(image, face))[0]))

    return work


def _read(path: Path) -> Image:
    image = cv2.imread(str(path))
    assert image is not None
    return image.astype(np.uint8, copy=False)
