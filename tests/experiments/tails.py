"""How do two different people's scores tail off, for each engine? `--help` says how to run it.

The starting figures of edge/vision/engine.py are what this prints, for everything a gate may search with:
portraits as they are, single frames of harsh visits, and the mean vector of each visit's best three. The
cross-check fits on half of the people and counts how many strangers that lets in among the other half.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from edge.match.calibration import fit_tail
from edge.match.counts import EDGES
from edge.match.threshold import NonMatedTail
from edge.vision.detect import Detector
from edge.vision.embed import Embedder
from edge.vision.engine_choice import EngineName
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from tests.experiments.probes import (
    Floats,
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
from tests.experiments.rules import KEPT, best
from tests.experiments.templates import enrolments

AT_GATE = {
    EngineName.SFACE: (System.SFACE_M, System.SFACE),
    EngineName.DLIB: (System.DLIB_M, System.DLIB_M),
    EngineName.FUSED: (System.BOTH_M, System.BOTH_M),
}
"""How each engine enrols, and how it searches."""
TOP = 0.02
"""Share of the pairs that a tail is fitted to."""
SIZES = (25, 100, 300, 1000)
FPIRS = (0.03, 0.01, 0.003)
CHECKED = (25, 50)


@dataclass(frozen=True, slots=True)
class NonMated:
    """Scores (p, n) of probes of the people `person` (p,) with n people's templates; one's own are NaN."""

    person: NDArray[np.intp]
    scores: Floats

    @classmethod
    def of(cls, person: NDArray[np.intp], scored: Floats) -> "NonMated":
        """Leave out probes without a face and everybody's score with themselves."""
        found = ~np.isnan(scored).any(1)
        others = scored[found].copy()
        others[np.arange(len(others)), person[found]] = np.nan
        return cls(person[found], others)

    def among(self, people: NDArray[np.intp]) -> Floats:
        """Only these people, as probes and as templates."""
        return self.scores[np.ix_(np.isin(self.person, people), people)]


def fit(scored: Floats) -> NonMatedTail:
    """The tail of all these pairs. Raises ValueError for too few."""
    counts, _ = np.histogram(scored[~np.isnan(scored)], EDGES)
    tail = fit_tail(counts.astype(np.int64), others=1, top=TOP)
    if tail is None:
        raise ValueError("too few pairs for a tail")
    return tail


def shape(scored: Floats, tail: NonMatedTail) -> float:
    """Of the generalised Pareto distribution beyond the tail's start (Hosking and Wallis 1987); it takes 0.

    Under 0 the scores have an end, and the exponential asks for too high a threshold.
    """
    excess = np.sort(scored[scored >= tail.start]) - tail.start
    rank = (np.arange(1, len(excess) + 1) - 0.35) / len(excess)
    mean, weighted = excess.mean(), (excess * (1 - rank)).mean()
    return float(2 - mean / (mean - 2 * weighted))


def let_in(scored: Floats, tail: NonMatedTail, size: int, random: np.random.Generator) -> Floats:
    """Share of probes that match one of `size` others, at the tail's thresholds for FPIRS."""
    lots = np.where(np.isnan(scored), 2.0, random.random(scored.shape))
    chosen = np.argsort(lots, axis=1)[:, :size]
    top = np.take_along_axis(scored, chosen, axis=1).max(1)
    return np.asarray([(top >= tail.threshold(fpir, size)).mean() for fpir in FPIRS])


def cross_check(pairs: NonMated, halvings: int, seed: int) -> dict[int, Floats]:
    """By gallery size: the mean FPIR, one for each of FPIRS, on the half that the tail was not fitted to."""
    random = np.random.default_rng(seed)
    found: dict[int, list[Floats]] = {size: [] for size in CHECKED}
    for _ in range(halvings):
        halves = np.array_split(random.permutation(pairs.scores.shape[1]), 2)
        for fitted_on, checked_on in (halves, halves[::-1]):
            tail, others = fit(pairs.among(fitted_on)), pairs.among(checked_on)
            for size in CHECKED:
                found[size].append(let_in(others, tail, size, random))
    return {size: np.mean(values, axis=0) for size, values in found.items()}


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One reference a person, (n, d) for each system: the neutral portrait, or the mean of kiosk pictures."""

    portrait: Mapping[System, Floats]
    kiosk: Mapping[System, Floats]


def searched_with(
    pair: tuple[System, System], probes: Probes, enrolled: Enrolled, still: Mapping[System, Floats]
) -> dict[str, NonMated]:
    """Portraits, single frames, mean vectors; `still` (2 n, d): everybody's first portrait, then second."""
    searched = pair[1]
    shown = {part: vectors[:, np.newaxis] for part, vectors in still.items()}
    joined = mean_vectors(searched, probes.frames, best(probes.quality, KEPT))
    people = np.tile(np.arange(probes.person.max() + 1), 2)
    made = {}
    for name, references, frames, person in (
        ("portraits as they are", enrolled.portrait, shown, people),
        ("single frames of harsh visits", enrolled.portrait, probes.frames, probes.person),
        ("mean vector of a visit's best 3", enrolled.portrait, joined, probes.person),
        ("the same, 3 kiosk pictures enrolled", enrolled.kiosk, joined, probes.person),
    ):
        scored = scores(searched, as_searched(references, *pair), frames)
        flat = scored.reshape(-1, scored.shape[2])
        made[name] = NonMated.of(np.repeat(person, scored.shape[1]), flat)
    return made


def report(name: EngineName, kinds: Mapping[str, NonMated], halvings: int, seed: int) -> None:
    """Tails and thresholds, then the cross-check, as rows of the tables in docs/calibration.md."""
    for kind, pairs in kinds.items():
        tail = fit(pairs.scores)
        bars = " | ".join(f"{tail.threshold(0.003, size):.2f}" for size in SIZES)
        numbers = f"{tail.start:.2f} | {tail.share:.5f} | {tail.scale:.4f} | {shape(pairs.scores, tail):.2f}"
        print(f"| {name} | {kind} | {(~np.isnan(pairs.scores)).sum():,} | {numbers} | {bars} |")
    for kind, pairs in kinds.items():
        for size, rates in cross_check(pairs, halvings, seed).items():
            print(f"| {name} | {kind} | {size} | {' | '.join(f'{100 * rate:.2f} %' for rate in rates)} |")


def stills(
    people: Sequence[Portraits], detector: Detector, used: Mapping[System, Embedder]
) -> dict[System, Floats]:
    """Everybody's first portrait as it is, then everybody's second one: (2 n, d) for each system."""
    images = [*(one.enrol for one in people), *(one.probe for one in people)]
    faces = [detector.detect(image)[0] for image in images]
    return {
        name: np.asarray([one.embed(*each) for each in zip(images, faces, strict=True)], np.float64)
        for name, one in used.items()
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the London set: PERSON/PERSON_{neutral,smiling}.jpg")
    parser.add_argument("--visits", type=int, default=4, help="visits of each person (default 4)")
    parser.add_argument("--frames", type=int, default=8, help="frames of each visit (default 8)")
    parser.add_argument("--halvings", type=int, default=20, help="halvings of the check (default 20)")
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
    kiosk = {name: each.mean(1) for name, each in enrolments(people, detector, used, options.seed).items()}
    enrolled, still = Enrolled(probes.templates, kiosk), stills(people, detector, used)
    for name, pair in AT_GATE.items():
        report(name, searched_with(pair, probes, enrolled, still), options.halvings, options.seed)


if __name__ == "__main__":
    main()
