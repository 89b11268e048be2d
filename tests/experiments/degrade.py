"""Spoils a portrait as a gate's camera would: small, moving, badly lit, noisy, compressed.

Everything is drawn from the generator that is passed in: the same seed gives the same pictures.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from edge.vision.face import Face
from edge.vision.frame import Image

FRAME_SIZE = (640, 480)


@dataclass(frozen=True, slots=True)
class Spoiling:
    """One frame: face width in pixels, turn in degrees, blur lengths in pixels, light, noise, JPEG quality.

    `gain` multiplies the light (1 leaves it); `side` darkens one half of the picture by that share, to the
    left if negative; `motion_angle` in degrees.
    """

    width: float = 110
    turn: float = 0
    defocus: float = 0
    motion: float = 0
    motion_angle: float = 0
    gain: float = 1
    side: float = 0
    noise: float = 2
    jpeg: int = 85


@dataclass(frozen=True, slots=True)
class Visit:
    """What stays the same while one person walks up: the light, the camera's noise and how they hurry."""

    gain: float
    side: float
    noise: float
    hurry: float
    start: float
    end: float


def random_visit(random: Generator) -> Visit:
    """From a good gate to a bad one: an eighth to five times the light, faces from 45 pixels on."""
    return Visit(
        gain=float(np.exp(random.normal(-0.3, 0.8)).clip(0.12, 5)),
        side=float(random.uniform(-0.7, 0.7)),
        noise=float(random.uniform(2, 12)),
        hurry=float(random.uniform(0.02, 0.16)),
        start=float(random.uniform(45, 70)),
        end=float(random.uniform(70, 120)),
    )


def random_frames(visit: Visit, count: int, random: Generator) -> list[Spoiling]:
    """The frames of one visit, from far to near; some are spoilt by a movement, some are nearly still."""
    widths = np.linspace(visit.start, visit.end, count)
    return [
        Spoiling(
            width=float(width),
            turn=float(random.normal(0, 8)),
            defocus=float(random.uniform(0, 0.025) * width),
            motion=float(random.exponential(visit.hurry) * width),
            motion_angle=float(random.uniform(0, 180)),
            gain=visit.gain * float(np.exp(random.normal(0, 0.15))),
            side=visit.side,
            noise=visit.noise,
            jpeg=int(random.integers(40, 90)),
        )
        for width in widths
    ]


def spoil(portrait: Image, face: Face, spoiling: Spoiling, random: Generator) -> Image:
    """A 640 x 480 frame with the face in the middle."""
    scale = spoiling.width / face.box[2]
    centre = (face.box[0] + face.box[2] / 2, face.box[1] + face.box[3] / 2)
    matrix = cv2.getRotationMatrix2D(centre, spoiling.turn, scale)
    matrix[:, 2] = matrix[:, 2] + np.asarray(FRAME_SIZE) / 2 - centre
    # Averaged before it is made smaller, as a lens and a sensor do: else small faces get false edges.
    smooth = cv2.GaussianBlur(portrait, (0, 0), 0.4 / scale) if scale < 1 else portrait
    light = cv2.warpAffine(
        smooth, matrix, FRAME_SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    if spoiling.defocus > 0:
        light = cv2.GaussianBlur(light, (0, 0), spoiling.defocus).astype(np.float32)
    if spoiling.motion >= 1:
        light = cv2.filter2D(light, -1, _streak(spoiling.motion, spoiling.motion_angle)).astype(np.float32)
    lit = light * (spoiling.gain * _shade(spoiling.side, spoiling.width))
    noisy = lit + random.normal(0, spoiling.noise, light.shape)
    frame = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, spoiling.jpeg])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def _streak(length: float, angle: float) -> NDArray[np.float32]:
    side = 2 * int(np.ceil(length / 2)) + 1
    middle = side // 2
    reach = np.asarray([np.cos(np.radians(angle)), np.sin(np.radians(angle))]) * length / 2
    kernel = np.zeros((side, side), np.float32)
    for part in np.linspace(-1, 1, 4 * side):
        x, y = np.rint(middle + part * reach).astype(int)
        kernel[y, x] += 1
    return np.asarray(kernel / kernel.sum(), np.float32)


def _shade(side: float, width: float) -> NDArray[np.float32]:
    """A smooth step across the face, from 1 down to 1 - |side|."""
    across = (np.arange(FRAME_SIZE[0], dtype=np.float32) - FRAME_SIZE[0] / 2) / (width / 4)
    step = 1 / (1 + np.exp(-across * (1 if side >= 0 else -1)))
    return np.asarray((1 - abs(side) * step)[np.newaxis, :, np.newaxis], np.float32)
