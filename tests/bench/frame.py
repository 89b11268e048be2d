"""Frame to decision, beside the loops people write with face_recognition and with OpenCV: same frames.

Ours is the gate's whole chain on people who walk up: detect, track, presentation attack detection, quality,
embed, fuse, search, decide. Only frames in which somebody stands near enough to be embedded are counted.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np

from edge.decide import Limits
from edge.domain.decisions import Reason
from edge.errors import ModelError
from edge.recognise import Recogniser
from edge.vision.engine import Engine, load_engine
from edge.vision.engine_choice import DEFAULTS, EngineName
from edge.vision.frame import Frame, Image
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from edge.vision.pad.check import CheckName
from edge.vision.pad.load import load_pad
from edge.vision.pad.pad import Pad
from tests.bench.gallery import CHILDREN, EACH, live_gallery, unit
from tests.bench.table import Row, median_ms
from turnstile.simulation.walks import FRAME_SECONDS, empty_lane

PUPILS = Path(__file__).resolve().parents[1] / "pupils"
EMPTY_LIMIT_MS, CHAIN_LIMIT_MS = 8.0, 45.0
NO_NETWORKS = "without the PAD networks: they are not installed (docs/pad.md)"


def frame_rows() -> list[Row]:
    """Both engines against face_recognition, the default one also against OpenCV's own loop and the limit."""
    walks = [[_read(path) for path in sorted(folder.glob("*.jpg"))] for folder in _walk_folders()]
    near = [walk[-1] for walk in walks]
    naive = median_ms(_face_recognition(near), runs=len(near))
    pad, note = _pad()
    rows = []
    for name in (EngineName.SFACE, EngineName.DLIB):  # the fused engine is one after the other
        engine = load_engine(name)
        with live_gallery(engine.embedder) as gallery:
            eyes = Recogniser(engine, gallery, DEFAULTS[name], pad, Limits())
            ours = _chain_ms(eyes, walks)
        title = f"frame to decision, {name.value}, {CHILDREN:,} x {EACH}{note}"
        rows.append(Row(title, ours, naive, "ms", "face_recognition", 6.0))
        if name is EngineName.SFACE:
            peer = median_ms(_opencv(near), runs=3 * len(near))
            rows.append(Row(title, ours, CHAIN_LIMIT_MS, "ms", "limit", 1.0))
            rows.append(Row(title, ours, peer, "ms", "FaceDetectorYN + FaceRecognizerSF", 1.0))
            empty = median_ms(_empty(engine), runs=50)
            rows.append(Row("empty frame, the detector run", empty, EMPTY_LIMIT_MS, "ms", "limit", 1.0))
    return rows


def _walk_folders() -> list[Path]:
    return sorted(PUPILS.glob("p*/approach"))


def _pad() -> tuple[Pad, str]:
    try:
        return load_pad(), ", PAD"
    except ModelError:
        return load_pad(unsafe_leave_out={CheckName.MINIFASNET}), f",\n{NO_NETWORKS}"


def _chain_ms(eyes: Recogniser, walks: list[list[Image]]) -> float:
    """Median over the frames in which somebody is near enough; everyone walks up, one after the other."""
    times, clock, now = [], 0.0, datetime.now(UTC)
    for walk in walks:
        clock += 10.0
        for image in walk:
            clock += FRAME_SECONDS
            begun = time.perf_counter()
            decision = eyes.decide(Frame(image, clock), clock, now)
            took = time.perf_counter() - begun
            if decision.reason not in {Reason.NO_FACE, Reason.COME_CLOSER}:
                times.append(took * 1000)
    return statistics.median(times)


def _empty(engine: Engine) -> Callable[[], object]:
    picture = empty_lane()
    return lambda: engine.detector.detect(picture)


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
