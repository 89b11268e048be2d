"""What to keep of a child's enrolment pictures, and whether to mirror them. `--help` says how to run it.

Every adult of the London set is enrolled with three pictures made from the neutral portrait (some light, turn
and blur, as at a kiosk) and walks past as in the ablation, made from the smiling one. Half of the people
choose, the other half reports; the splits are those of the ablation.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from rich.progress import Progress

from edge.vision.detect import Detector
from edge.vision.embed import Embedder
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from tests.experiments.ablation import FPIRS, Halving, halvings
from tests.experiments.degrade import Spoiling, spoil
from tests.experiments.openset import Floats, Searches, bootstrap_weights, fnir, together
from tests.experiments.probes import (
    Portraits,
    Probes,
    System,
    as_searched,
    collect,
    embedders,
    london,
    mean_vectors,
    scores,
)
from tests.experiments.rules import best

PICTURES = 3


class Kept(StrEnum):
    """What of the enrolment pictures is compared with."""

    ONE = "1 picture"
    MAX = "3, best of the templates"
    MEAN = "3, their mean template"
    BOTH = "3, best of the templates and their mean"


@dataclass(frozen=True, slots=True)
class Way:
    """`enrolled` and `searched` are systems whose vectors may be compared; they differ in mirroring."""

    enrolled: System
    searched: System
    kept: Kept
    frames: int

    def __str__(self) -> str:
        return f"{self.enrolled} | {self.searched} | {self.kept} | {self.frames}"


@dataclass(frozen=True, slots=True)
class Line:
    """FNIR at each of FPIRS: on the half that chooses, on the other one, and there in every draw."""

    chosen_on: Floats
    reported: Floats
    drawn: Floats


_SFACE = [(System.SFACE, System.SFACE), (System.SFACE_M, System.SFACE), (System.SFACE_M, System.SFACE_M)]
MIRRORED = [
    *_SFACE,
    (System.DLIB_M, System.DLIB_M),
    (System.BOTH_M, System.BOTH_M),
]
WAYS = [Way(*pair, kept, frames) for pair in MIRRORED for kept in Kept for frames in (1, 3)]


def at_kiosk(random: Generator) -> Spoiling:
    """One enrolment picture: near, sharp enough, nearly upright, in whatever light there is."""
    width = float(random.uniform(110, 160))
    return Spoiling(
        width=width,
        turn=float(random.normal(0, 5)),
        defocus=float(random.uniform(0, 0.01) * width),
        gain=float(np.exp(random.normal(0, 0.35)).clip(0.4, 2)),
        side=float(random.uniform(-0.5, 0.5)),
        noise=float(random.uniform(2, 5)),
        jpeg=int(random.integers(70, 95)),
    )


def enrolments(
    people: Sequence[Portraits], detector: Detector, used: Mapping[System, Embedder], seed: int
) -> dict[System, Floats]:
    """(n, PICTURES, d) for each system."""
    made = {name: np.empty((len(people), PICTURES, one.dimension)) for name, one in used.items()}
    for number, person in enumerate(people):
        random = np.random.default_rng([seed, number, PICTURES])
        source = detector.detect(person.enrol)[0]
        for index in range(PICTURES):
            picture = spoil(person.enrol, source, at_kiosk(random), random)
            face = detector.detect(picture)[0]
            for name, embedder in used.items():
                made[name][number, index] = embedder.embed(picture, face)
    return made


def templates(kept: Kept, enrolled: Mapping[System, Floats]) -> list[dict[System, Floats]]:
    """Everything that a probe is compared with, each (n, d); the best of them counts."""
    each = [{name: vectors[:, index] for name, vectors in enrolled.items()} for index in range(PICTURES)]
    mean = {name: vectors.mean(1) for name, vectors in enrolled.items()}
    return {Kept.ONE: each[:1], Kept.MAX: each, Kept.MEAN: [mean], Kept.BOTH: [*each, mean]}[kept]


def scored(way: Way, probes: Probes, enrolled: Mapping[System, Floats]) -> Floats:
    """(v, n): each visit against each person, -inf for a visit without a face."""
    seen = mean_vectors(way.searched, probes.frames, best(probes.quality, way.frames))
    parts = as_searched(enrolled, way.enrolled, way.searched)
    found = [scores(way.searched, one, seen)[:, 0] for one in templates(way.kept, parts)]
    return np.asarray(np.nan_to_num(np.max(found, axis=0), nan=-np.inf))


def searches(person: NDArray[np.intp], all_scores: Floats, halving: Halving, side: int) -> Searches:
    """All splits of one half as one."""
    parts = []
    for enrolled, strangers in halving.splits[side]:
        visits = np.flatnonzero(np.isin(person, np.concatenate([enrolled, strangers])))
        found, who = all_scores[np.ix_(visits, enrolled)], person[visits]
        top, right = found.max(1), enrolled[found.argmax(1)] == who
        mated = np.isin(who, enrolled)
        parts.append(Searches(np.where(right, top, -np.inf)[mated], who[mated], top[~mated], who[~mated]))
    return together(parts)


def measured(person: NDArray[np.intp], all_scores: Floats, drawn: Sequence[Halving], weights: Floats) -> Line:
    """Means over the halvings."""
    chosen, reported = ([searches(person, all_scores, one, side) for one in drawn] for side in (0, 1))

    def rates(half: Sequence[Searches], weight: Floats) -> Floats:
        return np.asarray([np.mean([fnir(one, fpir, weight) for one in half]) for fpir in FPIRS])

    plain = np.ones(weights.shape[1])
    return Line(
        rates(chosen, plain), rates(reported, plain), np.asarray([rates(reported, each) for each in weights])
    )


def table(lines: Mapping[Way, Line], against: Callable[[Way], Way]) -> str:
    """Markdown: FNIR in per cent, and the change against another way at each FPIR, paired by person."""
    rows = []
    for way, line in lines.items():
        other = lines[against(way)]
        cells = []
        for place in range(len(FPIRS)):
            change = 100 * (line.reported - other.reported)[place]
            low, high = 100 * np.percentile(line.drawn[:, place] - other.drawn[:, place], [2.5, 97.5])
            cells.append(
                f"{100 * line.chosen_on[place]:.1f} | {100 * line.reported[place]:.1f} | "
                f"{change:+.1f} ({low:.1f} to {high:.1f})"
            )
        rows.append(f"| {way} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the London set: PERSON/PERSON_{neutral,smiling}.jpg")
    parser.add_argument("--visits", type=int, default=4, help="visits of each person (default 4)")
    parser.add_argument("--frames", type=int, default=8, help="frames of each visit (default 8)")
    parser.add_argument("--halvings", type=int, default=5, help="random halvings of the people (default 5)")
    parser.add_argument("--splits", type=int, default=20, help="splits of each half (default 20)")
    parser.add_argument("--draws", type=int, default=200, help="bootstrap draws over people (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="everything random follows from it (default 1)")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    store, people = Store(models_folder()), london(options.folder)
    detector, used = Detector(store.load(CATALOGUE[ModelName.YUNET])), embedders(store)
    with Progress() as progress:
        task = progress.add_task("spoil and embed", total=len(people))
        probes = collect(
            people,
            [],
            detector,
            used,
            visits=options.visits,
            frames=options.frames,
            seed=options.seed,
            progress=lambda: progress.advance(task),
        )
    enrolled = enrolments(people, detector, used, options.seed)
    drawn = halvings(len(people), options.halvings, options.splits, options.seed)
    weights = bootstrap_weights(len(people), options.draws, options.seed)
    lines = {way: measured(probes.person, scored(way, probes, enrolled), drawn, weights) for way in WAYS}
    print(table(lines, lambda way: Way(way.enrolled, way.searched, Kept.ONE, way.frames)))
    print(table(lines, lambda way: Way(*MIRRORED[0], way.kept, way.frames)))


if __name__ == "__main__":
    main()
