"""What the rotation of templates protects, and what it does not (ISO/IEC 24745; docs/template-protection.md).

    python -m tests.experiments.protection [--faces FOLDER] [--engine sface|dlib] [--keys 20]

FOLDER holds a folder a person with two pictures or more; without it the rendered pupils are taken. The first
picture is enrolled at one school, the second at another, whose key is independent.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from edge.vault.rotation import Rotation
from edge.vision.engine import load_engine
from edge.vision.engine_choice import EngineName
from edge.vision.face import Vector

PUPILS = Path(__file__).resolve().parents[1] / "pupils"
KNOWN = (16, 32, 64, 96, 128)
"""Pairs of a vector and its rotated template that a thief may have got hold of."""

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TwoSchools:
    """Rows are people, in the same order at both."""

    first: Matrix
    second: Matrix


@dataclass(frozen=True, slots=True)
class Rate:
    """A figure with its 95 % interval over people (bootstrap)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def vectors_of(folder: Path, engine: EngineName) -> TwoSchools:
    """Two vectors a person; who is not found in both pictures is left out."""
    eyes = load_engine(engine)
    found: list[tuple[Vector, Vector]] = []
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        vectors = []
        for path in sorted(person.glob("*.jpg")):
            image = cv2.imread(str(path))
            assert image is not None
            picture = image.astype(np.uint8, copy=False)
            vectors += [eyes.embedder.embed(picture, face) for face in eyes.detector.detect(picture)[:1]]
        if len(vectors) > 1:
            found.append((vectors[0], vectors[-1]))
    return TwoSchools(np.stack([pair[0] for pair in found]), np.stack([pair[1] for pair in found]))


def rotated(vectors: Matrix, rotation: Rotation) -> Matrix:
    """Every row as the vault would store it."""
    return np.stack([rotation.apply(vector) for vector in vectors])


def auc(mated: NDArray[np.float32], non_mated: NDArray[np.float32]) -> float:
    """The chance that a mated score is above a non-mated one, ties counted half (Mann and Whitney 1947)."""
    ordered = np.sort(non_mated)
    below = np.searchsorted(ordered, mated, "left") + np.searchsorted(ordered, mated, "right")
    return float(below.mean() / (2 * len(ordered)))


def linkage(scores: Matrix, chance: Generator, rounds: int = 200) -> Rate:
    """AUC of telling the same person (the diagonal) from others, people drawn anew for the interval."""
    people = len(scores)
    draws = [chance.integers(0, people, people) for _ in range(rounds)]
    low, high = np.percentile([_auc_of(scores, who) for who in draws], (2.5, 97.5))
    return Rate(_auc_of(scores, np.arange(people)), float(low), float(high))


def _auc_of(scores: Matrix, who: NDArray[np.int64]) -> float:
    part = scores[np.ix_(who, who)]
    others = who[:, np.newaxis] != who[np.newaxis, :]
    return auc(part.diagonal(), part[others])


def across_keys(faces: TwoSchools, keys: int, chance: Generator) -> Rate:
    """Templates of both schools compared as they lie there, pooled over independent pairs of keys."""
    dimension = faces.first.shape[1]
    pooled = [
        rotated(faces.first, Rotation.random(dimension)) @ rotated(faces.second, Rotation.random(dimension)).T
        for _ in range(keys)
    ]
    each = [linkage(scores, chance, rounds=50) for scores in pooled]
    values = np.asarray([rate.value for rate in each])
    spread = 1.96 * values.std(ddof=1) / np.sqrt(keys)
    return Rate(float(values.mean()), float(values.mean() - spread), float(values.mean() + spread))


def by_distances(faces: TwoSchools, chance: Generator) -> Rate:
    """Somebody with both whole galleries compares each person's distances to everybody else."""
    profiles = [np.sort(vectors @ vectors.T, axis=1)[:, :-1] for vectors in (faces.first, faces.second)]
    away = np.linalg.norm(profiles[0][:, np.newaxis] - profiles[1][np.newaxis], axis=2)
    return linkage(-away.astype(np.float32), chance)


def with_known_pairs(faces: TwoSchools, pairs: int, chance: Generator) -> Rate | None:
    """Orthogonal Procrustes on so many leaked pairs, then the rest is looked for."""
    dimension = faces.first.shape[1]
    if pairs >= len(faces.first) - 10:
        return None
    stored = rotated(faces.first, Rotation.random(dimension))
    left, _, right = np.linalg.svd(stored[:pairs].T @ faces.first[:pairs])
    guessed = Rotation((left @ right).astype(np.float32))
    return linkage(stored[pairs:] @ rotated(faces.second[pairs:], guessed).T, chance)


def renewed(faces: TwoSchools, chance: Generator) -> tuple[Rate, Rate, float]:
    """AUC under one key before and after it was renewed, and how far any score moved."""
    dimension = faces.first.shape[1]
    old, new = Rotation.random(dimension), Rotation.random(dimension)
    turn = new.after_undoing(old)
    before = rotated(faces.first, old) @ rotated(faces.second, old).T
    after = rotated(rotated(faces.first, old), turn) @ rotated(faces.second, new).T
    state = chance.bit_generator.state
    first = linkage(before, chance)
    chance.bit_generator.state = state
    return first, linkage(after, chance), float(np.abs(before - after).max())


def rows(faces: TwoSchools, keys: int) -> Sequence[tuple[str, str]]:
    """What is printed."""
    chance = np.random.default_rng(24745)
    before, after, moved = renewed(faces, chance)
    told = [
        ("one key, mated against non-mated", str(before)),
        ("the same after the key was renewed", f"{after}; no score moved by more than {moved:.1e}"),
        (f"key A against key B, {keys} pairs of keys", str(across_keys(faces, keys, chance))),
        ("both whole galleries, by distances to everybody else", str(by_distances(faces, chance))),
    ]
    for pairs in KNOWN:
        rate = with_known_pairs(faces, pairs, chance)
        if rate is not None:
            told.append((f"with {pairs} leaked pairs of vector and template", str(rate)))
    return told


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faces", type=Path, default=PUPILS)
    parser.add_argument("--engine", type=EngineName, default=EngineName.SFACE)
    parser.add_argument("--keys", type=int, default=20)
    chosen = parser.parse_args()
    faces = vectors_of(chosen.faces, chosen.engine)
    table = Table("linking the same person", "AUC (95 % interval)", title=f"{len(faces.first)} people")
    for row in rows(faces, chosen.keys):
        table.add_row(*row)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
