"""Heads of five points, and pictures of them: what a camera sees when they turn, worked out by projection.

The mean head: the front view is the reference face that SFace is aligned to, and the nose stands out by
`NOSE_RELIEF`. A flat picture is that head pressed flat, a bent one lies on a cylinder with an upright axis.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.align import SFACE_CHIP
from edge.vision.face import Face
from edge.vision.pad.challenge import MOST_GAP, Challenge, Prompt, Side, begin, see
from edge.vision.pad.relief import NOSE_RELIEF
from edge.vision.track import Tracker

Points = NDArray[np.float64]
"""(5, 3) in eye distances, in YuNet's order: x to the person's left, y down, z away from the camera."""

NOISE = 0.04
"""Standard deviation of each coordinate, in eye distances: it moves the nose by 0.05, as much as the yaw of
5.2 degrees that is left of the detector's landmarks against the truth (docs/recognition.md)."""

EYE_DISTANCE = 62.0  # millimetres
FOCAL = 700.0  # pixels: a common webcam at 640 x 480
PERIOD = 0.1
_MIDDLE = (320.0, 240.0)
_FACE = 2.3  # width of the detector's box, in eye distances


def head() -> Points:
    """The mean head, its plane at z = 0."""
    front = SFACE_CHIP.landmarks
    middle, across = front[:2].mean(axis=0), front[1, 0] - front[0, 0]
    points = np.column_stack(((front - middle) / across, np.zeros(5)))
    points[2, 2] = -NOSE_RELIEF
    return points


def flat() -> Points:
    """A picture of it."""
    return head() * (1, 1, 0)


def bent(radius: float) -> Points:
    """The picture on a cylinder, `radius` in millimetres."""
    points, round_ = flat(), radius / EYE_DISTANCE
    angle = points[:, 0] / round_
    return np.column_stack((round_ * np.sin(angle), points[:, 1], round_ * (1 - np.cos(angle))))


def folded(back: float) -> Points:
    """The picture folded along the nose, each half bent back by so many degrees."""
    points, angle = flat(), np.radians(back)
    aside = points[:, 0]
    return np.column_stack((aside * np.cos(angle), points[:, 1], np.abs(aside) * np.sin(angle)))


@dataclass(frozen=True, slots=True)
class View:
    """How it is held: degrees as in `pupils.json` (yaw to the person's left, pitch down), and millimetres."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    distance: float = 450.0


def seen(points: Points, view: View, noise: float = 0.0, chance: np.random.Generator | None = None) -> Face:
    """The face that a detector would find; `noise` in eye distances of the straight view."""
    yaw, pitch, roll = np.radians((view.yaw, view.pitch, view.roll))
    turned = points * EYE_DISTANCE
    for axis in ((0.0, -yaw, 0.0), (pitch, 0.0, 0.0), (0.0, 0.0, roll)):
        turned = turned @ cv2.Rodrigues(np.asarray(axis))[0].T
    scale = FOCAL / view.distance
    pixels = turned[:, :2] * FOCAL / (turned[:, 2:] + view.distance) + _MIDDLE
    if chance is not None:
        pixels = pixels + chance.normal(0, noise * EYE_DISTANCE * scale, pixels.shape)
    width = _FACE * EYE_DISTANCE * scale
    box = (_MIDDLE[0] - width / 2, _MIDDLE[1] - width / 2, width, 1.3 * width)
    return Face(box, pixels.astype(np.float32), 0.9)


@dataclass(slots=True)
class Obedient:
    """Does as it is told: turns towards the side asked for, `speed` degrees a second, at most `farthest`."""

    farthest: float = 45.0
    speed: float = 80.0
    yaw: float = 0.0
    _target: float = 0.0

    def hear(self, prompt: Prompt) -> float:
        """The yaw one frame after the prompt."""
        told = {
            Prompt.TURN_LEFT: self.farthest,
            Prompt.TURN_RIGHT: -self.farthest,
            Prompt.FURTHER: self._target,
        }
        self._target = told.get(prompt, 0.0)
        step = self.speed * PERIOD
        self.yaw += min(max(self._target - self.yaw, -step), step)
        return self.yaw


def play(show: Callable[[Prompt], list[Face]], sides: tuple[Side, ...]) -> Challenge:
    """Ten frames a second of what answers each prompt, until the challenge ends."""
    tracker, challenge, at = Tracker(MOST_GAP), begin(sides, 0.0), 0.0
    while not challenge.ended:
        at += PERIOD
        challenge = see(challenge, tracker.update(show(challenge.prompt), at), at)
    return challenge
