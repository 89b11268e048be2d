"""Frame to decision, beside the naive loop of face_recognition: same frames, same gallery size."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from edge.decide import Limits, Scene, decide
from edge.match.live import LiveGallery
from edge.match.score import Match
from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from edge.vision.engine import DEFAULTS, EngineName, load_engine
from edge.vision.face import Face, Vector
from edge.vision.frame import Image
from tests.bench.table import Row, median_ms
from tests.builders import child, child_id, consent, guardian

PUPILS = Path(__file__).resolve().parents[1] / "pupils"
CHILDREN, EACH = 1000, 3
FRAMES = 24


def full_vault(folder: Path, engine: str, dimension: int) -> tuple[Path, FileKey]:
    """A vault with 1,000 made-up children of 3 random templates each."""
    now = datetime.now(UTC)
    write_new_key(folder / "key")
    key = FileKey(provider="file", key_file=folder / "key")
    random = np.random.default_rng(7)
    with Vault.create(folder / "vault.db", key) as vault:
        vault._db.conn.execute("PRAGMA synchronous = OFF")  # only the filling; a benchmark of reading follows
        for number in range(CHILDREN):
            vault.roster.put(child(number), [guardian(number)])
            vault.consents.add(consent(number, given_at=now, expires_at=now + timedelta(days=300)))
            vectors = [_unit(random.standard_normal(dimension).astype(np.float32)) for _ in range(EACH)]
            vault.templates.add(child_id(number), f"c-{number}", engine, vectors, now)
    return folder / "vault.db", key


def frame_rows() -> list[Row]:
    """Ours with both engines against face_recognition."""
    frames = [_read(path) for path in sorted(PUPILS.glob("p*/gate_1.jpg"))[:FRAMES]]
    naive = _naive_ms(frames)
    return [
        Row(
            f"frame to decision, {name.value}, 1,000 x 3",
            _ours_ms(name, frames),
            naive,
            "ms",
            "face_recognition",
            least,
        )
        for name, least in ((EngineName.SFACE, 5.0), (EngineName.DLIB, 5.0))
    ]


def _ours_ms(name: EngineName, frames: list[Image]) -> float:
    engine = load_engine(name)
    embedder, point = engine.embedder, DEFAULTS[name]
    with tempfile.TemporaryDirectory() as folder:
        path, key = full_vault(Path(folder), embedder.name, embedder.dimension)
        now = datetime.now(UTC)
        with Vault.open(path, key, now=now) as vault:
            gallery = LiveGallery(vault, embedder.name, embedder.dimension, embedder.metric)
            turn = iter(frames * 100)

            def work() -> None:
                image = next(turn)

                def identify(face: Face) -> Match:
                    return gallery.search(embedder.embed(image, face), point, now)

                decide(
                    Scene(0.0, engine.detector.detect(image)),
                    identify,
                    gallery.consent,
                    Limits(min_face=40),
                    now,
                )

            return median_ms(work, runs=3 * len(frames))


def _naive_ms(frames: list[Image]) -> float:
    import face_recognition  # noqa: PLC0415 - only the benchmark has it

    known = list(np.random.default_rng(7).standard_normal((CHILDREN * EACH, 128)))
    turn = iter([cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) for frame in frames] * 100)

    def work() -> None:
        image = next(turn)
        places = face_recognition.face_locations(image)
        for encoding in face_recognition.face_encodings(image, places, model="small"):
            int(np.argmin(face_recognition.face_distance(known, encoding)))

    return median_ms(work, runs=len(frames))


def _read(path: Path) -> Image:
    image = cv2.imread(str(path))
    assert image is not None
    return image.astype(np.uint8, copy=False)


def _unit(vector: Vector) -> Vector:
    return vector / np.float32(np.linalg.norm(vector))
