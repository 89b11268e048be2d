"""Attack material made by the project: pictures of rendered pupils, printed or on a screen, held at a gate.

Everything follows from a picture and a seed. These are drawings of attacks, good for testing that code works
and for a first look at a check; real prints before a real camera are what counts (docs/pad.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from edge.vision.frame import Image
from tests.pad.scene import Box, Pose, Sheet, Values, hall, seen


class Instrument(StrEnum):
    """Presentation attack instruments, as ISO/IEC 30107-3 wants them named and counted apart."""

    PRINT_HELD = "print-held"
    PRINT_LARGE = "print-large"
    SCREEN_PHONE = "screen-phone"
    SCREEN_LARGE = "screen-large"


@dataclass(frozen=True, slots=True)
class Make:
    """How a picture is shown: how much of it, how large, its rim, and whether it shines by itself.

    `around`: the shown part as a multiple of the face box. `face`: width of the face in the frame, in pixels.
    `rim`: border or bezel as a share of the picture's width. `bend`: radians over which paper curls.
    """

    around: float
    face: float
    rim: float
    rim_colour: tuple[int, int, int]
    bend: float
    shines: bool


_MAKES = {
    Instrument.PRINT_HELD: Make(1.9, 150, 0.06, (238, 240, 240), 0.9, False),
    Instrument.PRINT_LARGE: Make(6.0, 150, 0.0, (238, 240, 240), 0.3, False),
    Instrument.SCREEN_PHONE: Make(1.7, 140, 0.07, (18, 16, 16), 0.0, True),
    Instrument.SCREEN_LARGE: Make(6.0, 150, 0.0, (18, 16, 16), 0.0, True),
}


def attack(picture: Image, box: Box, instrument: Instrument, seed: int) -> Image:
    """One frame, 480 x 640 x 3 BGR; `box` is the face in `picture`."""
    return next(attack_sequence(picture, box, instrument, seed))


def attack_sequence(
    picture: Image, box: Box, instrument: Instrument, seed: int, frames: int = 12
) -> Iterator[Image]:
    """Ten frames a second of a picture that is held up, sways in the hand and comes a little nearer."""
    chance = np.random.default_rng([seed, list(Instrument).index(instrument)])
    make = _MAKES[instrument]
    plane = shown_as(picture, box, make, chance)
    sheet = Sheet(plane, np.ones(plane.shape[:2], np.float32), make.shines)
    scene = hall(chance)
    tilt = chance.uniform(-0.25, 0.25, 3) * (1, 1, 0.4)
    shift = chance.uniform(-30, 30, 2)
    sway, phase = chance.uniform(0.02, 0.06, 3), chance.uniform(0, 6.3, 3)
    drift = chance.uniform(-6, 6, 2)
    for index in range(frames):
        turned = tilt + sway * np.sin(0.9 * index + phase)
        moved = shift + drift * index + 3 * np.sin(1.3 * index + phase[:2])
        pose = Pose(turned, moved, 1 + 0.02 * index)
        yield seen(scene, sheet, pose, chance)


def shown_as(picture: Image, box: Box, make: Make, chance: np.random.Generator) -> Values:
    """The flat thing itself: the part around the face as print or screen show it, with its rim; 0 to 255.

    Scaled so that the face is as wide as it shall be in the frame.
    """
    left, top, width, height = box
    half = make.around * max(width, height) / 2
    x, y = left + width / 2, top + height / 2
    rows = slice(max(0, round(y - half)), round(y + half))
    columns = slice(max(0, round(x - half)), round(x + half))
    part = picture[rows, columns]
    scale = make.face / width
    flat = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32)
    flat = on_screen(flat, chance) if make.shines else _printed(flat, make.bend, chance)
    rim = round(make.rim * flat.shape[1])
    return np.asarray(
        cv2.copyMakeBorder(flat, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=make.rim_colour), np.float32
    )


def _printed(flat: Values, bend: float, chance: np.random.Generator) -> Values:
    """Narrower gamut, lifted blacks, halftone and grain; bent about an upright axis, with its shading."""
    grey = flat.mean(axis=2, keepdims=True)
    ink = 45 + 0.72 * (grey + 0.75 * (flat - grey))
    height, width = ink.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    dots = np.sin(2 * np.pi * (rows + columns) / 3.3) * np.sin(2 * np.pi * (rows - columns) / 3.3)
    ink = ink + 5 * dots[..., np.newaxis] + chance.normal(0, 3, ink.shape)
    # A cylinder of `bend` radians seen from the front: columns crowd towards the edges and darken.
    angle = np.arcsin(np.linspace(-1, 1, width) * np.sin(bend / 2))
    source = ((angle / bend + 0.5) * (width - 1)).astype(np.float32)
    bent = cv2.remap(
        ink.astype(np.float32),
        np.tile(source, (height, 1)),
        rows,
        cv2.INTER_LINEAR,
        None,
        cv2.BORDER_REPLICATE,
    )
    return np.asarray(bent * np.cos(angle - 0.3).reshape(1, -1, 1), np.float32)


def on_screen(flat: Values, chance: np.random.Generator) -> Values:
    """Bluish and bright, with moire where its pixels beat against the camera's, and one glare."""
    height, width = flat.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    lit = flat * (1.12, 1.02, 0.98)
    for channel in range(3):
        along, across = chance.uniform(0.16, 0.34, 2)
        waves = np.sin(2 * np.pi * (along * columns + 0.03 * rows)) + np.sin(2 * np.pi * across * rows)
        lit[..., channel] += 5 * waves
    centre = chance.uniform(0.1, 0.9, 2) * (width, height)
    distance = ((columns - centre[0]) / (0.22 * width)) ** 2 + ((rows - centre[1]) / (0.12 * height)) ** 2
    return np.asarray(lit + 120 * np.exp(-distance)[..., np.newaxis], np.float32)
