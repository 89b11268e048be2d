"""Which of the cheap tricks lowers FNIR on people it was not chosen on? `--help` says how to run it.

Every halving of the people gives a half to choose on and a half to report on; the other half also serves as
the cohort. Within a half, half the people are enrolled with one picture and the others are strangers, in
several random splits. Thresholds are those of the wanted FPIR on the half that is looked at. With more
halvings than one, the same person is in both roles, though never within one halving.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from edge.vision.detect import Detector
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from tests.experiments.openset import Floats, Searches, bootstrap_weights, fnir, together
from tests.experiments.probes import (
    Probes,
    System,
    collect,
    embedders,
    london,
    mean_vectors,
    rendered,
    scores,
)
from tests.experiments.rules import Norm, Rule, choose, join, normalised

FPIRS = (0.01, 0.003)
# The margins of edge/vision/engine.py, for systems whose scores they were made for.
MARGINS = {System.SFACE: 0.10, System.SFACE_M: 0.10, System.DLIB: 0.08, System.DLIB_M: 0.08}


@dataclass(frozen=True, slots=True)
class Config:
    """One line of the table."""

    system: System
    rule: Rule
    norm: Norm


def _step(
    name: str, before: tuple[System, Rule, Norm], after: tuple[System, Rule, Norm]
) -> tuple[str, Config, Config]:
    return name, Config(*before), Config(*after)


_BEST = (System.SFACE, Rule.BEST, Norm.NONE)
_VECTOR = (System.SFACE, Rule.MEAN_VECTOR, Norm.NONE)
_DLIB_VECTOR = (System.DLIB, Rule.MEAN_VECTOR, Norm.NONE)
STEPS = (
    _step(
        "best frame, not any", (System.SFACE, Rule.SINGLE, Norm.NONE), (System.SFACE, Rule.BEST, Norm.NONE)
    ),
    _step("mean vector of the best 3, not the best", _BEST, _VECTOR),
    _step("mean score instead", _VECTOR, (System.SFACE, Rule.MEAN, Norm.NONE)),
    _step("max score instead", _VECTOR, (System.SFACE, Rule.MAX, Norm.NONE)),
    _step("2 of 3 must agree", (System.SFACE, Rule.MEAN, Norm.NONE), (System.SFACE, Rule.AGREE, Norm.NONE)),
    _step("margin", (System.SFACE, Rule.MEAN, Norm.NONE), (System.SFACE, Rule.MARGIN, Norm.NONE)),
    _step("mirrored crop", _VECTOR, (System.SFACE_M, Rule.MEAN_VECTOR, Norm.NONE)),
    _step("mirrored crop, dlib", _DLIB_VECTOR, (System.DLIB_M, Rule.MEAN_VECTOR, Norm.NONE)),
    _step("dlib added", _VECTOR, (System.BOTH, Rule.MEAN_VECTOR, Norm.NONE)),
    _step("normalised against the gallery", _VECTOR, (System.SFACE, Rule.MEAN_VECTOR, Norm.GALLERY)),
    _step("normalised against a cohort", _VECTOR, (System.SFACE, Rule.MEAN_VECTOR, Norm.COHORT)),
    _step("normalised against rendered pupils", _VECTOR, (System.SFACE, Rule.MEAN_VECTOR, Norm.RENDERED)),
    _step("cohort, dlib", _DLIB_VECTOR, (System.DLIB, Rule.MEAN_VECTOR, Norm.COHORT)),
)


@dataclass(frozen=True, slots=True)
class Line:
    """FNIR at each of FPIRS on both halves, means over the halvings; `drawn` (draws, FPIRS): reported."""

    config: Config
    chosen_on: tuple[float, ...]
    reported: tuple[float, ...]
    drawn: Floats


@dataclass(frozen=True, slots=True)
class Seen:
    """A line's frames: scores (v, f, n) against everybody, (v, f, m) against outsiders; the rest (v, f)."""

    everybody: Floats
    outsiders: Floats
    chosen: NDArray[np.bool_]
    quality: Floats


@dataclass(frozen=True, slots=True)
class Halving:
    """One random halving of the people and the splits of each half: (enrolled, strangers)."""

    halves: tuple[NDArray[np.intp], NDArray[np.intp]]
    splits: tuple[list[tuple[NDArray[np.intp], NDArray[np.intp]]], ...]


def halvings(people: int, count: int, splits: int, seed: int) -> list[Halving]:
    """Drawn once, used for every line, so that lines differ by what they do and not by luck."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        order = random.permutation(people)
        halves = (order[: people // 2], order[people // 2 :])
        made.append(Halving(halves, tuple([_split(half, random) for _ in range(splits)] for half in halves)))
    return made


def _split(half: NDArray[np.intp], random: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    order = random.permutation(half)
    return order[: len(order) // 2], order[len(order) // 2 :]


def configs(systems: Sequence[System]) -> Iterator[Config]:
    """All lines; the margin only where it was made for the scores."""
    for system in systems:
        for rule in Rule:
            for norm in Norm:
                if rule is not Rule.MARGIN or (norm is Norm.NONE and system in MARGINS):
                    yield Config(system, rule, norm)


def frame_scores(config: Config, probes: Probes, seed: int) -> Seen:
    """Score every frame, or every visit's mean vector as its only frame."""
    frames, quality = probes.frames, probes.quality
    chosen = choose(config.rule, quality, seed)
    if config.rule is Rule.MEAN_VECTOR:
        frames = mean_vectors(config.system, frames, chosen)
        chosen = np.asarray(chosen.any(1, keepdims=True))
        quality = np.where(chosen, 1.0, np.nan)
    return Seen(
        scores(config.system, probes.templates, frames),
        scores(config.system, probes.outsiders, frames),
        chosen,
        quality,
    )


def searches(
    config: Config,
    person: NDArray[np.intp],
    seen: Seen,
    split: tuple[NDArray[np.intp], NDArray[np.intp]],
    cohort: NDArray[np.intp],
) -> Searches:
    """All visits of one split's people against its enrolled ones."""
    enrolled, strangers = split
    visits = np.flatnonzero(np.isin(person, np.concatenate([enrolled, strangers])))
    scored = seen.everybody[visits]
    others = seen.outsiders[visits] if config.norm is Norm.RENDERED else scored[:, :, cohort]
    frames = normalised(config.norm, scored[:, :, enrolled], others)
    margin = MARGINS.get(config.system, 0.0)
    fused, accepted = join(config.rule, frames, seen.chosen[visits], seen.quality[visits], margin)
    top = np.where(accepted, fused.max(1), -np.inf)
    who = person[visits]
    mated = np.isin(who, enrolled)
    right = enrolled[fused.argmax(1)] == who
    return Searches(np.where(right, top, -np.inf)[mated], who[mated], top[~mated], who[~mated])


def evaluate(probes: Probes, config: Config, drawn: Sequence[Halving], weights: Floats, seed: int) -> Line:
    """One line of the table."""
    seen = frame_scores(config, probes, seed)
    halves: tuple[list[Searches], list[Searches]] = ([], [])
    for halving in drawn:
        for side in (0, 1):
            cohort = halving.halves[1 - side]
            halves[side].append(
                together(
                    [searches(config, probes.person, seen, split, cohort) for split in halving.splits[side]]
                )
            )
    plain = np.ones((1, len(np.unique(probes.person))))
    chosen_on, reported = (tuple(_fnirs(side, plain)[0]) for side in halves)
    return Line(config, chosen_on, reported, _fnirs(halves[1], weights))


def _fnirs(halves: Sequence[Searches], weights: Floats) -> Floats:
    """(draws, FPIRS), means over the halvings."""
    values = [[np.mean([fnir(half, fpir, one) for half in halves]) for fpir in FPIRS] for one in weights]
    return np.asarray(values, np.float64).reshape(-1, len(FPIRS))


def run(
    probes: Probes, systems: Sequence[System], *, halving_count: int, splits: int, draws: int, seed: int
) -> list[Line]:
    """All lines."""
    people = len(np.unique(probes.person))
    drawn = halvings(people, halving_count, splits, seed)
    weights = bootstrap_weights(people, draws, seed)
    return [evaluate(probes, config, drawn, weights, seed) for config in configs(systems)]


def table(lines: Sequence[Line]) -> str:
    """Markdown, in per cent, with 95 % intervals over people."""
    rows = ["| system | frames | norm | chosen on: 1 % / 0.3 % | reported: 1 % | 0.3 % |", "|" + "---|" * 6]
    for line in lines:
        one = line.config
        chosen = " / ".join(f"{100 * value:.1f}" for value in line.chosen_on)
        reported = [cell(value, line.drawn[:, place]) for place, value in enumerate(line.reported)]
        rows.append(f"| {one.system} | {one.rule} | {one.norm} | {chosen} | {' | '.join(reported)} |")
    return "\n".join(rows)


def steps(lines: Sequence[Line]) -> str:
    """What each step changes in FNIR at FPIR 0.3 %, on both halves, paired by person."""
    by_config = {line.config: line for line in lines}
    rows = ["| step | chosen on | reported |", "|---|---|---|"]
    for name, before, after in STEPS:
        if before in by_config and after in by_config:
            one, other = by_config[before], by_config[after]
            chosen = 100 * (other.chosen_on[-1] - one.chosen_on[-1])
            change = cell(other.reported[-1] - one.reported[-1], other.drawn[:, -1] - one.drawn[:, -1])
            rows.append(f"| {name} | {chosen:+.1f} | {change} |")
    return "\n".join(rows)


def cell(value: float, draws: NDArray[np.float64]) -> str:
    """Per cent, with the 95 % interval of the draws."""
    low, high = np.percentile(draws, [2.5, 97.5])
    return f"{100 * value:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the London set: PERSON/PERSON_{neutral,smiling}.jpg")
    parser.add_argument("--visits", type=int, default=4, help="visits of each person (default 4)")
    parser.add_argument("--frames", type=int, default=8, help="frames of each visit (default 8)")
    parser.add_argument("--halvings", type=int, default=1, help="random halvings of the people (default 1)")
    parser.add_argument("--splits", type=int, default=40, help="splits of each half (default 40)")
    parser.add_argument("--draws", type=int, default=200, help="bootstrap draws over people (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="everything random follows from it (default 1)")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    store = Store(models_folder())
    people = london(options.folder)
    with Progress() as progress:
        task = progress.add_task("spoil and embed", total=len(people))
        probes = collect(
            people,
            rendered(),
            Detector(store.load(CATALOGUE[ModelName.YUNET])),
            embedders(store),
            visits=options.visits,
            frames=options.frames,
            seed=options.seed,
            progress=lambda: progress.advance(task),
        )
    lines = run(
        probes,
        list(System),
        halving_count=options.halvings,
        splits=options.splits,
        draws=options.draws,
        seed=options.seed,
    )
    print(table(lines))
    print(steps(lines))
    print(f"frames without a face: {100 * np.isnan(probes.quality).mean():.1f} %")
    print(f"visits without a face: {100 * np.isnan(probes.quality).all(1).mean():.1f} %")


if __name__ == "__main__":
    main()
