"""Attacks that walk up to the gate: a picture of a pupil, carried or worn as a rendered pupil walked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import cv2
import numpy as np

from edge.vision.frame import Image
from tests.pad.attacks import Make, on_screen, shown_as
from tests.pad.scene import HEIGHT, WIDTH, Box, Pose, Sheet, Values, hall, seen


class Walked(StrEnum):
    """Presentation attack instruments that move as a pupil walked, instead of swaying in a hand."""

    PRINT_WALKED = "print-walked"
    PRINT_CUT_OUT = "print-cut-out"
    MASK_FLAT = "mask-flat"
    MASK_BENT = "mask-bent"
    SCREEN_REPLAY = "screen-replay"


@dataclass(frozen=True, slots=True)
class Step:
    """One frame of a walk, and the pupil's head in it: face box in pixels, metres from the camera, degrees.

    The angles are those of `pupils.json`: to the pupil's left, down, and tilted to the left.
    """

    frame: Image = field(repr=False)
    box: Box
    distance: float
    yaw: float
    pitch: float
    roll: float


_PAPER_FACE = Make(1.6, 150, 0.0, (238, 240, 240), 0.3, False)
_HEAD = 0.6 * _PAPER_FACE.face  # pixels: paper that lies close to a head is bent as far as this


def carried_sequence(steps: Sequence[Step], seed: int) -> Iterator[Image]:
    """The walk's last frame as a print that fills the view, its face where the pupil's was in each frame."""
    chance = np.random.default_rng(seed)
    last = steps[-1]
    for step in steps:
        (x, y), (to_x, to_y) = _middle(last.box), _middle(step.box)
        nearer, rolled = last.distance / step.distance, step.roll - last.roll
        matrix = cv2.getRotationMatrix2D((x, y), -rolled, nearer)  # it counts the other way round
        matrix[:, 2] += np.subtract((to_x, to_y), (x, y))
        size = (WIDTH, HEIGHT)
        laid = cv2.warpAffine(last.frame, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
        yield np.asarray(np.clip(laid + chance.normal(0, 2.0, laid.shape), 0, 255), np.uint8)


def cut_out_sequence(picture: Image, box: Box, steps: Sequence[Step], seed: int) -> Iterator[Image]:
    """A paper face, cut out along its outline, carried and turned before an empty hall as a pupil walked."""
    chance = np.random.default_rng([seed, 0])
    face = _paper_face(picture, box, np.inf, chance)
    yield from _walked(face, steps, [hall(chance)] * len(steps), chance)


def mask_sequence(picture: Image, box: Box, steps: Sequence[Step], seed: int, bent: bool) -> Iterator[Image]:
    """The same paper face worn by the pupil who walks, flat or bent round the head, and turned with it."""
    chance = np.random.default_rng([seed, 1])
    face = _paper_face(picture, box, _HEAD if bent else np.inf, chance)
    yield from _walked(face, steps, [step.frame.astype(np.float32) for step in steps], chance)


def replay_sequence(steps: Sequence[Step], seed: int) -> Iterator[Image]:
    """A video of the walk on a screen that fills the view and sways in the hands."""
    chance = np.random.default_rng([seed, 2])
    sway, phase = chance.uniform(0.01, 0.03, 3), chance.uniform(0, 6.3, 3)
    for index, step in enumerate(steps):
        large = cv2.resize(step.frame, None, fx=1.25, fy=1.25).astype(np.float32)
        screen = on_screen(large, np.random.default_rng(seed))
        sheet = Sheet(screen, np.ones(screen.shape[:2], np.float32), shines=True)
        moved = 4 * np.sin(0.9 * index + phase[:2])
        pose = Pose(sway * np.sin(0.9 * index + phase), moved, 1.0)
        yield seen(np.zeros((HEIGHT, WIDTH, 3), np.float32), sheet, pose, chance)


def _paper_face(picture: Image, box: Box, radius: float, chance: np.random.Generator) -> Sheet:
    plane = shown_as(picture, box, _PAPER_FACE, chance)
    outline = np.zeros(plane.shape[:2], np.float32)
    middle = (plane.shape[1] // 2, plane.shape[0] // 2)
    tall = _PAPER_FACE.face * box[3] / box[2]
    cv2.ellipse(outline, middle, (round(0.5 * _PAPER_FACE.face), round(0.58 * tall)), 0, 0, 360, 1.0, -1)
    return Sheet(plane, outline, _PAPER_FACE.shines, radius)


def _walked(
    sheet: Sheet, steps: Sequence[Step], scenes: Sequence[Values], chance: np.random.Generator
) -> Iterator[Image]:
    last = steps[-1]
    for step, scene in zip(steps, scenes, strict=True):
        moved = np.subtract(_middle(step.box), (WIDTH / 2, HEIGHT / 2))
        nearer = last.box[2] / _PAPER_FACE.face * last.distance / step.distance
        turned = np.radians((step.pitch, -step.yaw, step.roll))
        yield seen(scene, sheet, Pose(turned, moved, nearer), chance)


def _middle(box: Box) -> tuple[float, float]:
    left, top, width, height = box
    return left + width / 2, top + height / 2
