"""What each stage of the gate costs on one thread, in CPU milliseconds; the goals are in `make bench`.

    QAQPA_MODELS=FOLDER python -m tests.experiments.stages

The folder must hold all models, those of the attack detection too. Pictures are of the rendered pupils.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle

import numpy as np

from edge.vision.detect import Detector
from edge.vision.embed import Batch
from edge.vision.engine import load_engine
from edge.vision.engine_choice import EngineName
from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.idle import EmptyLane
from edge.vision.models.catalogue import CARRIED, ModelName
from edge.vision.models.store import Store, models_folder
from edge.vision.pad.check import Look
from edge.vision.pad.load import load_networks
from edge.vision.pad.surroundings import FACE_SIDE, compare
from edge.vision.quality.assess import assess
from tests.experiments.candidates import RUNTIMES, Run
from tests.experiments.timing import cpu_milliseconds
from tests.pad.material import PUPILS, read, walks
from turnstile.simulation.walks import empty_lane

ROUNDS, CALLS = 20, 6
PAD = (ModelName.MINIFASNET_V2, ModelName.MINIFASNET_V1SE)


def stages(store: Store) -> dict[str, Callable[[], object]]:
    """Each takes the next picture at every call."""
    engine, pad = load_engine(EngineName.SFACE, store=store), load_networks(store)
    detector, embedder = engine.detector, engine.embedder
    frames = [read(path) for path in sorted(PUPILS.glob("p*/gate_1.jpg"))]
    turn = cycle([(frame, detector.detect(frame)[0]) for frame in frames])
    pairs = cycle(list(_pairs(detector)))
    lane, empty = EmptyLane(), empty_lane()
    lane.looked(empty, 0, 0.0)

    def chain() -> None:
        frame, _ = next(turn)
        face = detector.detect(frame)[0]
        assess(frame, face)
        pad.live(frame, face)
        embedder.embed(frame, face)

    def on_next(work: Callable[[Image, Face], object]) -> Callable[[], object]:
        return lambda: work(*next(turn))

    return {
        "idle check": lambda: lane.still_empty(empty, 0.1),
        "detect, empty frame": lambda: detector.detect(empty),
        "detect, one face": on_next(lambda frame, _: detector.detect(frame)),
        "quality": on_next(assess),
        "SFace": on_next(embedder.embed),
        "MiniFASNets": on_next(pad.live),
        "surroundings, a pair": lambda: compare(*next(pairs)),
        "detect, quality, MiniFASNets, SFace": chain,
    } | {f"MiniFASNets alone, {name}": work for name, work in _both(store)}


def _pairs(detector: Detector) -> Iterator[tuple[Look, Look]]:
    """Frames of the walks two tenths of a second apart, of faces near enough to tell."""
    for _, walk in walks():
        looks = [Look(frame, face, 0.0) for frame in walk for face in detector.detect(frame)[:1]]
        near = [look for look in looks if look.face.box[2] >= FACE_SIDE]
        yield from zip(near, near[2:], strict=False)


def _both(store: Store) -> Iterator[tuple[str, Callable[[], object]]]:
    """The attack detection's networks in either runtime, without cutting the windows."""
    pictures = np.random.default_rng(1).uniform(0, 255, (1, 3, 80, 80)).astype(np.float32)
    for name, runtime in RUNTIMES.items():
        runs = [runtime(store.load(CARRIED[model])) for model in PAD]
        yield name, partial(_all, runs, pictures)


def _all(runs: Sequence[Run], pictures: Batch) -> list[Batch]:
    return [run(pictures) for run in runs]


def main() -> None:
    """Run and print."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name, milliseconds in cpu_milliseconds(stages(Store(models_folder())), ROUNDS, CALLS).items():
        print(f"| {name} | {milliseconds:.2f} |")


if __name__ == "__main__":
    main()
