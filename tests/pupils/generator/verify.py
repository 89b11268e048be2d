"""Check the rendered pupils with the two engines the product can use, and print a table.

    python -m tests.pupils.generator.verify --detector YUNET.onnx --embedder SFACE.onnx

Each gate shot is compared with the three enrolment shots of every pupil; a pupil's score is the best of the
three (cosine similarity for SFace, distance for dlib). Rank-1 means that the right pupil scored best. The
margin is how much better the right pupil did than the nearest other one; the worst over the pupil's gate
shots is shown. These numbers say that the pictures are usable, nothing more: no threshold may be tuned on
rendered faces.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Vector = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]

HERE: Final = Path(__file__).resolve().parent
LEAST_OVERLAP: Final = 0.3
"""Intersection over union with the true box under which a detection counts as something else."""


@dataclass
class Seen:
    """What an engine made of one picture: whether it found the true face, and that face's embedding."""

    found: bool
    embedding: Vector | None = None


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes (x, y, width, height)."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


class SFace:
    """YuNet and SFace through OpenCV; similarity is the cosine."""

    name = "SFace"

    def __init__(self, detector: Path, embedder: Path) -> None:
        self.detector = cv2.FaceDetectorYN.create(str(detector), "", (640, 480), 0.6)
        self.embedder = cv2.FaceRecognizerSF.create(str(embedder), "")

    def see(self, picture: Picture, truth: Box) -> Seen:
        """Detect, and embed the face that overlaps the true box most."""
        self.detector.setInputSize((picture.shape[1], picture.shape[0]))
        rows = self.detector.detect(picture)[1]
        best = max(rows if rows is not None else [], key=lambda r: overlap(_box(r[:4]), truth), default=None)
        if best is None or overlap(_box(best[:4]), truth) < LEAST_OVERLAP:
            return Seen(False)
        feature = self.embedder.feature(self.embedder.alignCrop(picture, best)).astype(np.float64).ravel()
        return Seen(True, feature / np.linalg.norm(feature))

    def score(self, a: Vector, b: Vector) -> float:
        """Cosine similarity."""
        return float(a @ b)


class Dlib:
    """dlib's HOG detector and ResNet through face_recognition; the score is the negative distance."""

    name = "dlib"

    def __init__(self) -> None:
        import face_recognition  # noqa: PLC0415 - it loads four models on import

        self.engine: Any = face_recognition

    def see(self, picture: Picture, truth: Box) -> Seen:
        """Detect (with one step of enlargement), and embed the face that overlaps the true box most."""
        rgb = np.ascontiguousarray(picture[..., ::-1])
        places = self.engine.face_locations(rgb, number_of_times_to_upsample=1, model="hog")
        boxes = [(p, _box((p[3], p[0], p[1] - p[3], p[2] - p[0]))) for p in places]
        best = max(boxes, key=lambda pb: overlap(pb[1], truth), default=None)
        if best is None or overlap(best[1], truth) < LEAST_OVERLAP:
            return Seen(False)
        return Seen(True, np.asarray(self.engine.face_encodings(rgb, [best[0]])[0], np.float64))

    def score(self, a: Vector, b: Vector) -> float:
        """Negative Euclidean distance."""
        return -float(np.linalg.norm(a - b))


def _box(values: Any) -> Box:
    x, y, width, height = (float(v) for v in values)
    return x, y, width, height


@dataclass
class Result:
    """One pupil under one engine."""

    found: int = 0
    pictures: int = 0
    missed: list[str] = field(default_factory=list)
    first: int = 0
    tried: int = 0
    margin: float = float("inf")
    nearest: str = ""


def examine(engine: SFace | Dlib, root: Path, people: Sequence[dict[str, Any]]) -> dict[str, Result]:
    """Run one engine over every picture."""
    results: dict[str, Result] = {}
    enrolled: dict[str, list[Vector]] = {}
    probes: dict[str, list[Vector]] = {}
    for person in people:
        ident, result = person["id"], Result()
        frames = {**person["images"], **person.get("approach", {}).get("frames", {})}
        for name, truth in frames.items():
            picture = cv2.imread(str(root / ident / name))
            assert picture is not None, f"{ident}/{name} is missing"
            seen = engine.see(picture.astype(np.uint8), _box(truth["face_box"]))
            result.pictures += 1
            result.found += seen.found
            if seen.embedding is None:
                result.missed.append(name.removesuffix(".jpg"))
            elif truth["kind"] == "enrol":
                enrolled.setdefault(ident, []).append(seen.embedding)
            elif truth["kind"] == "gate":
                probes.setdefault(ident, []).append(seen.embedding)
        results[ident] = result
    for ident, result in results.items():
        for probe in probes.get(ident, []):
            scores = {other: max(engine.score(probe, e) for e in shots) for other, shots in enrolled.items()}
            own = scores.pop(ident, -float("inf"))
            if not scores:
                continue
            rival = max(scores, key=lambda k: scores[k])
            result.tried += 1
            result.first += own > scores[rival]
            if own - scores[rival] < result.margin:
                result.margin, result.nearest = own - scores[rival], rival
    return results


def table(people: Sequence[dict[str, Any]], results: dict[str, dict[str, Result]]) -> str:
    """A Markdown table, one row a pupil."""
    lines = [
        "| pupil | age | group | siblings | YuNet found | SFace rank-1 | margin (nearest) "
        "| HOG found | dlib rank-1 | margin (nearest) |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for person in people:
        cells = [
            person["id"],
            f"{person['age']} {person['sex'][0]}",
            person["group"],
            " ".join(person["siblings"]) or "-",
        ]
        for engine in results.values():
            r = engine[person["id"]]
            cells += [f"{r.found}/{r.pictures}", f"{r.first}/{r.tried}", f"{r.margin:+.3f} ({r.nearest})"]
        lines.append("| " + " | ".join(cells) + " |")
    totals = ["all", "", "", ""]
    for engine in results.values():
        rows = engine.values()
        totals += [
            f"{sum(r.found for r in rows)}/{sum(r.pictures for r in rows)}",
            f"{sum(r.first for r in rows)}/{sum(r.tried for r in rows)}",
            f"{min(r.margin for r in rows):+.3f} (worst)",
        ]
    return "\n".join([*lines, "| " + " | ".join(totals) + " |"])


def main() -> int:
    """Command line; the exit status is 0 when everything was found and told apart."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--detector", type=Path, required=True, help="YuNet ONNX file")
    parser.add_argument("--embedder", type=Path, required=True, help="SFace ONNX file")
    parser.add_argument("--root", type=Path, default=HERE.parent, help="folder with pupils.json")
    args = parser.parse_args()
    people = json.loads((args.root / "pupils.json").read_text())["pupils"]
    engines: list[SFace | Dlib] = [SFace(args.detector, args.embedder), Dlib()]
    results = {engine.name: examine(engine, args.root, people) for engine in engines}
    print(table(people, results))
    bad = False
    for engine, rows in results.items():
        for ident, r in rows.items():
            if r.missed or r.first < r.tried or r.margin <= 0:
                bad = True
                print(
                    f"{engine}: {ident} missed {r.missed or 'nothing'}, rank-1 {r.first}/{r.tried}",
                    file=sys.stderr,
                )
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
