"""Does quality foretell recognition, and is a covered face noticed? `--help` says how to run it.

The ramps of edge/vision/quality/assess.py were chosen on every other person of the set, the first included;
only the rest are looked at here. One enrolled picture a person, SFace, mated scores only.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from edge.vision.detect import Detector
from edge.vision.embed_sface import SFace
from edge.vision.engine_choice import DEFAULTS, EngineName
from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from edge.vision.quality.assess import assess
from edge.vision.quality.component import Hint, Name, Quality
from tests.experiments.degrade import Spoiling, random_frames, random_visit, spoil
from tests.experiments.probes import Portraits, london

REJECTED = (0.0, 0.1, 0.2, 0.4, 0.6)
THRESHOLD = DEFAULTS[EngineName.SFACE].least


Shape = tuple[NDArray[np.floating], float, float, tuple[float, ...]]
"""Middle in pixels, half width and half height in eye distances, colour."""


class Cover(StrEnum):
    """What hides part of a face; drawn, with some shading and grain."""

    NOTHING = "nothing"
    GLASSES = "dark glasses"
    HAND_EYES = "hand over the eyes"
    HAND_MOUTH = "hand over the mouth"
    MASK = "mask"
    BLACK_MASK = "black mask"


@dataclass(frozen=True, slots=True)
class Result:
    """One frame in which a face was found."""

    quality: Quality
    score: float


def covered(portrait: Image, face: Face, cover: Cover, random: np.random.Generator) -> Image:
    """The portrait with something in front of the face."""
    right, left, nose, right_mouth, left_mouth = face.landmarks
    eye_distance = float(np.linalg.norm(left - right))
    eyes, mouth = (right + left) / 2, (right_mouth + left_mouth) / 2
    skin = tuple(float(value) for value in portrait[round(float(nose[1])), round(float(nose[0]))])
    low = mouth + np.asarray([0, 0.1 * eye_distance])
    tall = float(low[1] - nose[1]) / eye_distance + 0.1
    shapes: Mapping[Cover, list[Shape]] = {
        Cover.NOTHING: [],
        Cover.GLASSES: [(right, 0.36, 0.28, (25.0, 25.0, 25.0)), (left, 0.36, 0.28, (25.0, 25.0, 25.0))],
        Cover.HAND_EYES: [(eyes, 0.95, 0.3, skin)],
        Cover.HAND_MOUTH: [(mouth, 0.75, 0.32, skin)],
        Cover.MASK: [(low, 0.95, tall, (200.0, 170.0, 140.0))],
        Cover.BLACK_MASK: [(low, 0.95, tall, (30.0, 30.0, 30.0))],
    }
    layer = portrait.astype(np.float32)
    mask = np.zeros(portrait.shape[:2], np.uint8)
    for middle, wide, high, colour in shapes[cover]:
        centre = (round(float(middle[0])), round(float(middle[1])))
        size = (round(wide * eye_distance), round(high * eye_distance))
        cv2.ellipse(layer, centre, size, 0, 0, 360, colour, -1)
        cv2.ellipse(mask, centre, size, 0, 0, 360, 1, -1)
    coarse = cv2.GaussianBlur(random.normal(0, 40, mask.shape), (0, 0), 6)
    grain = cv2.GaussianBlur(random.normal(0, 12, mask.shape), (0, 0), 1)
    layer += ((coarse + grain) * mask)[..., np.newaxis]
    return np.clip(layer, 0, 255).astype(np.uint8)


class Bench:
    """Detector, SFace and the people looked at."""

    def __init__(self, people: list[Portraits], store: Store, seed: int) -> None:
        self.people = people
        self._detector = Detector(store.load(CATALOGUE[ModelName.YUNET]))
        self._embedder = SFace(store.load(CATALOGUE[ModelName.SFACE]))
        self.random = np.random.default_rng(seed)

    def visits(self, person: Portraits, visits: int, frames: int) -> list[Result]:
        """Frames of random visits."""
        spoilings = [
            spoiling
            for _ in range(visits)
            for spoiling in random_frames(random_visit(self.random), frames, self.random)
        ]
        return [found for spoiling in spoilings if (found := self.result(person, Cover.NOTHING, spoiling))]

    def result(self, person: Portraits, cover: Cover, spoiling: Spoiling) -> Result | None:
        """One frame, or None where no face is found in it."""
        reference = self._embedder.embed(person.enrol, self._detector.detect(person.enrol)[0])
        face = self._detector.detect(person.probe)[0]
        frame = spoil(covered(person.probe, face, cover, self.random), face, spoiling, self.random)
        faces = self._detector.detect(frame)
        if not faces:
            return None
        score = float(reference @ self._embedder.embed(frame, faces[0]))
        return Result(assess(frame, faces[0]), score)


def reject_table(results: list[Result]) -> str:
    """Share of mated frames under the threshold once the worst, by one measure, are left out."""
    scores = np.asarray([result.score for result in results])
    orders: Mapping[str, NDArray[np.float64]] = {
        "overall": np.asarray([result.quality.overall for result in results])
    } | {
        str(name): np.asarray(
            [next(one.value for one in result.quality.components if one.name is name) for result in results]
        )
        for name in Name
    }
    head = " | ".join(f"{100 * share:.0f} %" for share in REJECTED)
    rows = [f"| rejected by | {head} |", "|" + "---|" * (len(REJECTED) + 1)]
    for name, values in orders.items():
        order = np.argsort(-values, kind="stable")
        cells = []
        for share in REJECTED:
            kept = scores[order[: round(len(order) * (1 - share))]]
            cells.append(f"{100 * float((kept < THRESHOLD).mean()):.1f} %")
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def cover_table(bench: Bench) -> str:
    """How many faces get the hint to uncover it, near and far in good light, and in random visits."""
    rows = ["| covered by | good picture | random visits |", "|---|---|---|"]
    for cover in Cover:
        cells = []
        for good in (True, False):
            results = []
            for person in track(bench.people, f"{cover}", transient=True):
                spoiling = (
                    Spoiling(width=100)
                    if good
                    else random_frames(random_visit(bench.random), 3, bench.random)[1]
                )
                results.append(bench.result(person, cover, spoiling))
            found = [result for result in results if result]
            told = sum(_uncover(result.quality) for result in found)
            cells.append(f"{told} of {len(found)}")
        rows.append(f"| {cover} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _uncover(quality: Quality) -> bool:
    return any(one.hint is Hint.UNCOVER_FACE and one.value < 0.5 for one in quality.components)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the London set: PERSON/PERSON_{neutral,smiling}.jpg")
    parser.add_argument("--visits", type=int, default=4, help="visits of each person (default 4)")
    parser.add_argument("--frames", type=int, default=4, help="frames of each visit (default 4)")
    parser.add_argument("--seed", type=int, default=2, help="everything random follows from it (default 2)")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    bench = Bench(london(options.folder)[1::2], Store(models_folder()), options.seed)
    results = [
        result
        for person in track(bench.people, "visits", transient=True)
        for result in bench.visits(person, options.visits, options.frames)
    ]
    print(f"{len(results)} mated frames of {len(bench.people)} people, threshold {THRESHOLD}")
    print(reject_table(results))
    print(cover_table(bench))


if __name__ == "__main__":
    main()
