"""How well the gate's way of looking recognises, beside OpenCV's own loop. `--help` says how to run it.

OpenCV's loop is FaceDetectorYN on the whole frame with its own threshold of 0.9, then FaceRecognizerSF, a
frame at a time. Its vectors are the gate's (tests/unit/vision/test_align.py): only detection and the use of
several frames differ. The walks are the spoilt ones of the ablation; a frame without a face is missed.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from rich.progress import Progress

from edge.vision.detect import Detector
from edge.vision.embed_sface import SFace
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from tests.experiments.ablation import Config, cell, evaluate, halvings
from tests.experiments.openset import bootstrap_weights
from tests.experiments.probes import Portraits, Probes, System, collect, london, rendered
from tests.experiments.rules import Norm, Rule

THEIR_SIDE, THEIR_THRESHOLD = 640, 0.9


def walked(
    people: Sequence[Portraits], detector: Detector, embedder: SFace, *, visits: int, frames: int
) -> Probes:
    """The same spoilt frames for every detector."""
    with Progress() as progress:
        task = progress.add_task("spoil and embed", total=len(people))
        return collect(
            people,
            rendered()[:1],  # nothing is normalised here, so one outsider will do
            detector,
            {System.SFACE: embedder},
            visits=visits,
            frames=frames,
            seed=1,
            progress=lambda: progress.advance(task),
        )


def row(
    name: str, probes: Probes, rule: Rule, *, people: int, halving_count: int, splits: int, draws: int
) -> str:
    """FNIR at FPIR 1 % and 0.3 % on the reported half, and how many frames show no face."""
    drawn = halvings(people, halving_count, splits, seed=1)
    weights = bootstrap_weights(people, draws, seed=1)
    line = evaluate(probes, Config(System.SFACE, rule, Norm.NONE), drawn, weights, seed=1)
    cells = [cell(value, line.drawn[:, place]) for place, value in enumerate(line.reported)]
    return f"| {name} | {rule} | {100 * np.isnan(probes.quality).mean():.1f} | {' | '.join(cells)} |"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the London set: PERSON/PERSON_{neutral,smiling}.jpg")
    parser.add_argument("--visits", type=int, default=4, help="visits of each person (default 4)")
    parser.add_argument("--frames", type=int, default=8, help="frames of each visit (default 8)")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    store, people = Store(models_folder()), london(options.folder)
    yunet, embedder = store.load(CATALOGUE[ModelName.YUNET]), SFace(store.load(CATALOGUE[ModelName.SFACE]))
    detectors = {"OpenCV": Detector(yunet, THEIR_SIDE, THEIR_THRESHOLD), "gate": Detector(yunet)}
    print("| loop | frames | without a face, % | 1 % | 0.3 % |\n" + "|---" * 5 + "|")
    for name, detector in detectors.items():
        probes = walked(people, detector, embedder, visits=options.visits, frames=options.frames)
        for rule in (Rule.SINGLE, Rule.MEAN_VECTOR):
            print(row(name, probes, rule, people=len(people), halving_count=5, splits=20, draws=200))


if __name__ == "__main__":
    main()
