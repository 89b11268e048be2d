"""Who passes the "turn your head" challenge: heads that turn, or pictures that are turned (docs/pad.md)?

    python -m tests.experiments.head_turn points
    python -m tests.experiments.head_turn pictures [--turns FOLDER] [--london FOLDER]

`points` projects five points of a mean head, and of pictures of it, with the detector's noise. `pictures`
shows whole pictures to the detector: rendered heads that turn (`python -m tests.pupils.generator.turns` makes
FOLDER), and prints of pupils and London portraits, flat and bent. Whoever is shown does what they are told.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from rich.progress import track

from edge.vision.detect import Detector
from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from edge.vision.pad.both_ways import detect_both_ways
from edge.vision.pad.challenge import Ending, Prompt, Side
from edge.vision.pad.metrics import Rate, evaluate
from tests.pad.heads import NOISE, PERIOD, Obedient, Points, View, bent, flat, folded, head, play, seen
from tests.pad.material import PUPILS, pupils_shown, read
from tests.pad.turned import held, photographed, turn_of

SHAPES = {
    "flat": flat(),
    **{f"bent, radius {radius} mm": bent(radius) for radius in (100, 75, 50, 35)},
    **{f"folded back {angle} degrees": folded(angle) for angle in (15, 30, 45)},
}
PRINTS = {"flat": None, "bent, radius 75 mm": 75.0, "bent, radius 50 mm": 50.0}
"""Millimetres of the bend; a head is about 75. A screen is flat, too."""

PRINTED = 24
"""Pictures of each set that are printed: a challenge takes 450 frames, if it is not passed."""

LEAST, MOST = 25.0, 65.0
"""Degrees between which a print is turned to and fro."""

Show = Callable[[Prompt], list[Face]]


@dataclass(slots=True)
class Forger(Obedient):
    """Follows the prompts with a picture, and tries every angle to the side that is asked for."""

    chance: np.random.Generator = field(default_factory=np.random.default_rng)
    pitch: float = 0.0

    def hear(self, prompt: Prompt) -> float:
        """As a person who obeys, but never content with where the picture is."""
        if self.yaw == self._target != 0:
            self.farthest = self.chance.uniform(LEAST, MOST)
            self._target = float(np.copysign(self.farthest, self._target))
        self.pitch = float(np.clip(self.pitch + self.chance.normal(0, 2), -20, 20))
        return Obedient.hear(self, prompt)


def sides(chance: np.random.Generator) -> tuple[Side, Side]:
    """As the kiosk draws them."""
    one, two = (list(Side)[number] for number in chance.integers(0, 2, 2))
    return one, two


def projected(points: Points, person: Obedient, noise: float, chance: np.random.Generator) -> Show:
    """Five points, turned as the person likes."""
    nod, tilt, distance = chance.normal(0, 5), chance.normal(0, 4), chance.uniform(350, 600)

    def show(prompt: Prompt) -> list[Face]:
        yaw = person.hear(prompt)
        pitch = nod + (person.pitch if isinstance(person, Forger) else 0)
        return [seen(points, View(yaw, pitch, tilt, distance), noise, chance)]

    return show


def turning_head(
    pictures: Mapping[float, Image], find: Callable[[Image], list[Face]], chance: np.random.Generator
) -> Show:
    """A rendered head: the picture nearest to the yaw it has at the moment."""
    person, yaws = Obedient(farthest=max(pictures)), np.asarray(sorted(pictures))

    def show(prompt: Prompt) -> list[Face]:
        yaw = float(yaws[np.abs(yaws - person.hear(prompt)).argmin()])
        return find(photographed(pictures[yaw], chance))

    return show


def turned_print(
    picture: Image, radius: float | None, find: Callable[[Image], list[Face]], chance: np.random.Generator
) -> Show:
    """A print in somebody's hands."""
    forger, box = Forger(chance=chance), find(picture)[0].box
    tilt, distance = chance.normal(0, 4), chance.uniform(350, 600)

    def show(prompt: Prompt) -> list[Face]:
        view = View(forger.hear(prompt), forger.pitch, tilt, distance)
        return find(photographed(held(picture, box, view, radius), chance))

    return show


def report(title: str, live: Sequence[Ending], attacks: Mapping[str, Sequence[Ending]]) -> None:
    """BPCER and the APCER of each instrument, with their intervals and how the failed ones ended."""
    result = evaluate(_passed(live), {name: _passed(ends) for name, ends in attacks.items()}, 0.5)
    print(f"\n{title}")
    _line("BPCER, turning heads", live, result.bpcer, Ending.PASSED)
    for name, ends in attacks.items():
        _line(f"APCER, {name}", ends, result.apcer[name], None)


def _passed(ends: Sequence[Ending]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray([float(end is Ending.PASSED) for end in ends])


def _line(what: str, ends: Sequence[Ending], rate: Rate, right: Ending | None) -> None:
    wrong = Counter(end.value for end in ends if end is not right)
    told = ", ".join(f"{count} {end}" for end, count in wrong.items())
    percent = f"{100 * rate.value:.1f} % ({100 * rate.low:.1f} to {100 * rate.high:.1f})"
    print(f"{what}: {percent} of {len(ends)}; {told}")


def points(count: int) -> None:
    """Mean heads and pictures of them."""
    for noise in (NOISE / 2, NOISE, 1.5 * NOISE):
        live = []
        attacks: dict[str, list[Ending]] = {name: [] for name in SHAPES}
        for seed in range(count):
            chance = np.random.default_rng(seed)
            person = Obedient(chance.uniform(40, 55), chance.uniform(40, 110))
            live.append(_end(projected(head(), person, noise, chance), chance))
            for number, (name, shape) in enumerate(SHAPES.items()):
                chance = np.random.default_rng([seed, number])
                attacks[name].append(_end(projected(shape, Forger(chance=chance), noise, chance), chance))
        report(f"five points, noise {noise:.2f} eye distances a coordinate", live, attacks)


def pictures(turns: Path, london: Path | None) -> None:
    """Whole pictures, as the detector sees them."""
    find = partial(detect_both_ways, Detector(Store(models_folder()).load(CATALOGUE[ModelName.YUNET])))
    live = heads_end(sorted(turns.glob("*/turn")), find)
    shown = [picture for _, picture, _ in pupils_shown()[:PRINTED]]
    if london:
        shown += [read(min(folder.glob("*.jpg"))) for folder in sorted(london.glob("*/"))[:PRINTED]]
    report(f"pictures, {1 / PERIOD:.0f} frames a second", live, prints_end(shown, find))


def heads_end(folders: Sequence[Path], find: Callable[[Image], list[Face]]) -> list[Ending]:
    """Rendered heads that turn, one challenge each."""
    live = []
    for seed, folder in enumerate(track(folders, "heads")):
        chance = np.random.default_rng(seed)
        live.append(_end(turning_head(turn_of(folder), find, chance), chance))
    return live


def prints_end(shown: Sequence[Image], find: Callable[[Image], list[Face]]) -> dict[str, list[Ending]]:
    """Prints of these pictures, one challenge for each kind of print."""
    attacks: dict[str, list[Ending]] = {name: [] for name in PRINTS}
    for seed, picture in enumerate(track(shown, "prints")):
        for number, (name, radius) in enumerate(PRINTS.items()):
            chance = np.random.default_rng([seed, number])
            attacks[name].append(_end(turned_print(picture, radius, find, chance), chance))
    return attacks


def _end(show: Show, chance: np.random.Generator) -> Ending:
    ended = play(show, sides(chance)).ended
    assert ended
    return ended


if __name__ == "__main__":
    cv2.setNumThreads(1)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, dest="what")
    by_points = commands.add_parser("points")
    by_points.add_argument("--count", type=int, default=100)
    by_pictures = commands.add_parser("pictures")
    by_pictures.add_argument("--turns", type=Path, default=PUPILS)
    by_pictures.add_argument("--london", type=Path)
    chosen = parser.parse_args()
    if chosen.what == "points":
        points(chosen.count)
    else:
        pictures(chosen.turns, chosen.london)
