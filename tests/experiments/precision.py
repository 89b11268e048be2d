"""What int8 and float16 save on this processor, and cost in recognition. `--help` says how to run it.

int8 is scaled on rendered pupils only; everything reported is on the London set: its portraits searched as
`qaqpa-gate evaluate` does, and the spoilt walks of the ablation with the mean vector of the best 3 frames.
"""

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from rich.progress import Progress

from edge.evaluation.identification import Searches, identification
from edge.evaluation.people import People
from edge.evaluation.splits import gallery_sizes, make_splits
from edge.evaluation.tally import draw_people
from edge.vision.detect import Detector
from edge.vision.embed import Batch, Views
from edge.vision.engine_choice import DEFAULTS
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.fetch import Folder
from edge.vision.models.store import Store, models_folder
from tests.experiments.ablation import Config, Line, cell, evaluate, halvings
from tests.experiments.candidates import (
    DIMENSION,
    DLIB,
    SFACE,
    Candidate,
    Joined,
    Network,
    calibration,
    candidates,
)
from tests.experiments.openset import Floats, bootstrap_weights
from tests.experiments.probes import Portraits, Probes, System, collect, london, rendered
from tests.experiments.rules import Norm, Rule
from tests.experiments.timing import cpu_milliseconds


@dataclass(frozen=True, slots=True)
class Accuracy:
    """`cosine` to the gate's own vectors: lowest and median frame; `portraits`: FNIR at FPIR 1 and 0.3 %."""

    cosine: tuple[float, float]
    portraits: tuple[float, float]
    walks: Line


def accuracies(
    network: Network, probes: Probes, smiling: Floats, *, halving_count: int, splits: int, draws: int
) -> Iterator[Accuracy]:
    """One for each candidate in `probes`; `smiling` (people, d) are the portraits that are not enrolled."""
    people = len(smiling)
    drawn, weights = halvings(people, halving_count, splits, seed=1), bootstrap_weights(people, draws, seed=1)
    config = Config(network.system, Rule.MEAN_VECTOR, Norm.NONE)
    own = one_of(probes, 0).frames[network.system]
    for index in range(smiling.shape[1] // DIMENSION):
        one = one_of(probes, index)
        yield Accuracy(
            _cosine(one.frames[network.system], own),
            portraits_fnir(network, one.templates[network.system], _slice(smiling, index)),
            evaluate(one, config, drawn, weights, seed=1),
        )


def one_of(probes: Probes, index: int) -> Probes:
    """The vectors of one candidate out of the joined ones."""

    def sliced(joined: Mapping[System, Floats]) -> dict[System, Floats]:
        return {system: _slice(vectors, index) for system, vectors in joined.items()}

    return replace(
        probes,
        templates=sliced(probes.templates),
        frames=sliced(probes.frames),
        outsiders=sliced(probes.outsiders),
    )


def portraits_fnir(network: Network, neutral: Floats, smiling: Floats) -> tuple[float, float]:
    """FNIR at FPIR 1 % and 0.3 %: the neutral portraits (people, 128) enrolled, the smiling ones searched."""
    pairs = np.stack([neutral, smiling], axis=1).astype(np.float32)
    named = {f"{number:06d}": [Views(each, each) for each in pair] for number, pair in enumerate(pairs)}
    people = People.of(named, network.metric, 1)
    splits = make_splits(people, seed=0)
    point = DEFAULTS[network.engine].point(gallery_sizes(splits)[-1])
    searches = Searches(people, splits, gallery_sizes(splits)[-1], point.margin)
    for rows, scores in people.scored():
        searches.add(rows, scores)
    weights, failures = draw_people(len(pairs), seed=0), [0] * len(pairs)
    found = identification(network.engine, people, searches, weights, point=point, failures=failures)
    fnir = {row.fpir: row.fnir for row in found.rows}
    return fnir[0.01], fnir[0.003]


def times(found: Sequence[Candidate], crop: Batch, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """CPU milliseconds by name for one crop, and for two at once where the form takes two."""
    both = np.concatenate([crop, crop[..., ::-1]])
    return (
        cpu_milliseconds({one.name: partial(one.run, crop) for one in found}, rounds),
        cpu_milliseconds({one.name: partial(one.run, both) for one in found if one.takes_two}, rounds),
    )


def table(
    found: Sequence[Candidate],
    times: tuple[Mapping[str, float], Mapping[str, float]],
    results: Mapping[str, Accuracy],
) -> str:
    """Markdown; rates in per cent, walks with 95 % intervals over people, changes paired by person."""
    heads = ("form, runtime", "CPU ms", "two crops", "MB", "cosine: lowest, median", "portraits: 1 %, 0.3 %")
    rows = [f"| {' | '.join(heads)} | walks: 1 % | 0.3 % | change at 0.3 % |", "|" + "---|" * 9]
    own = results[found[0].name].walks
    single, double = times
    for candidate in found:
        name = candidate.name
        two = f"{double[name]:.1f}" if candidate.takes_two else ""
        cells = [name, f"{single[name]:.1f}", two, f"{candidate.megabytes:.1f}"]
        cells += _judged(results[name], own) if name in results else ["as the first"] + [""] * 4
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _judged(result: Accuracy, own: Line) -> list[str]:
    line = result.walks
    return [
        ", ".join(f"{value:.4f}" for value in result.cosine),
        ", ".join(f"{100 * value:.1f}" for value in result.portraits),
        *(cell(value, line.drawn[:, place]) for place, value in enumerate(line.reported)),
        cell(line.reported[-1] - own.reported[-1], line.drawn[:, -1] - own.drawn[:, -1]),
    ]


def recognised(
    network: Network,
    found: Sequence[Candidate],
    people: Sequence[Portraits],
    detector: Detector,
    options: argparse.Namespace,
) -> dict[str, Accuracy]:
    """Recognise the same frames with all candidates, by name; of the exact ones with the first only."""
    judged = [one for one in found if one is found[0] or not one.form.exact]
    joined = Joined(network, judged)
    with Progress() as progress:
        task = progress.add_task(f"{network.model}", total=len(people))
        probes = collect(
            people,
            rendered()[:1],  # nothing is normalised here, so one outsider will do
            detector,
            {network.system: joined},
            visits=options.visits,
            frames=options.frames,
            seed=options.seed,
            progress=lambda: progress.advance(task),
        )
    smiling = [joined.embed(one.probe, detector.detect(one.probe)[0]) for one in people]
    results = accuracies(
        network,
        probes,
        np.asarray(smiling, np.float64),
        halving_count=options.halvings,
        splits=options.splits,
        draws=options.draws,
    )
    return dict(zip((one.name for one in judged), results, strict=True))


def _slice(vectors: Floats, index: int) -> Floats:
    return vectors[..., DIMENSION * index : DIMENSION * (index + 1)]


def _cosine(vectors: Floats, own: Floats) -> tuple[float, float]:
    seen = ~np.isnan(own).any(axis=-1)
    a, b = vectors[seen], own[seen]
    cosines = (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    return float(cosines.min()), float(np.median(cosines))


def arguments() -> argparse.ArgumentParser:
    """What can be asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the London set: PERSON/PERSON_{neutral,smiling}.jpg")
    parser.add_argument("--wheels", type=Path, help="folder of the wheels, to try SFace as it is shipped too")
    parser.add_argument("--rounds", type=int, default=15, help="turns of the timing (default 15)")
    parser.add_argument("--visits", type=int, default=4, help="visits of each person (default 4)")
    parser.add_argument("--frames", type=int, default=8, help="frames of each visit (default 8)")
    parser.add_argument("--halvings", type=int, default=5, help="random halvings of the people (default 5)")
    parser.add_argument("--splits", type=int, default=20, help="splits of each half (default 20)")
    parser.add_argument("--draws", type=int, default=200, help="bootstrap draws over people (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="of the spoilt frames (default 1)")
    return parser


def main() -> None:
    """Run and print."""
    options = arguments().parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cv2.setNumThreads(1)
    people, store = london(options.folder), Store(models_folder())
    detector = Detector(store.load(CATALOGUE[ModelName.YUNET]))
    for network in (SFACE, DLIB):
        model, crops = CATALOGUE[network.model], calibration(network, detector)
        shipped = Folder(options.wheels).shipped(model) if options.wheels else None
        found = list(candidates(network, store.load(model), shipped, crops))
        taken = times(found, crops[0], options.rounds)
        results = recognised(network, found, people, detector, options)
        print(f"\n{network.model}\n\n{table(found, taken, results)}")


if __name__ == "__main__":
    main()
