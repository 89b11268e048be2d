"""Heads and pictures that turn before a camera, as pictures: rendered heads, and prints flat or bent.

Prints are worked out backwards, ray by ray: where each pixel of the camera meets the paper, which is flat or
lies on an upright cylinder.
"""

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.frame import Image
from tests.pad.heads import FOCAL, View
from tests.pad.material import read

WIDTH, HEIGHT = 640, 480
FACE_WIDTH = 140.0  # millimetres that the detector's box is wide on a life-size print
_WALL = 150
_MOST_ARC = 1.5  # radians of paper to each side of the face
_GRAIN = np.random.default_rng(0).normal(0, 2.0, (2 * HEIGHT, 2 * WIDTH, 3)).astype(np.float32)

Values = NDArray[np.float64]


def held(picture: Image, box: tuple[float, float, float, float], view: View, radius: float | None) -> Image:
    """A life-size print, turned about its face; `radius` of the bend in millimetres, None for a flat one."""
    rotation = _rotation(view)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float64)
    rays = np.stack(((x - WIDTH / 2) / FOCAL, (y - HEIGHT / 2) / FOCAL, np.ones_like(x)), axis=-1)
    start, rays = rotation.T @ (0, 0, -view.distance), rays @ rotation
    across, down, met = _on_plane(start, rays) if radius is None else _on_cylinder(start, rays, radius)
    left, top, width, height = box
    scale = width / FACE_WIDTH
    columns = np.where(met, left + width / 2 + across * scale, -1).astype(np.float32)
    rows = np.where(met, top + height / 2 + down * scale, -1).astype(np.float32)
    shown = cv2.remap(
        picture, columns, rows, cv2.INTER_AREA, None, cv2.BORDER_CONSTANT, (_WALL, _WALL, _WALL)
    )
    return np.asarray(shown, np.uint8)


def turn_of(folder: Path) -> dict[float, Image]:
    """The pictures of a head that turns, by yaw in degrees to the person's left."""
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    return {angles["yaw"]: read(folder / name) for name, angles in truth.items()}


def photographed(image: Image, chance: np.random.Generator) -> Image:
    """As a camera's next frame: a little blur, grain, and never exactly where the last one was."""
    shift = chance.uniform(-3, 3, 2)
    matrix = cv2.getRotationMatrix2D(
        (WIDTH / 2, HEIGHT / 2), chance.uniform(-1, 1), chance.uniform(0.98, 1.02)
    )
    matrix = np.column_stack((matrix[:, :2], matrix[:, 2] + shift))
    moved = cv2.warpAffine(
        image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    down, across = chance.integers(0, (HEIGHT, WIDTH))
    grain = _GRAIN[down : down + HEIGHT, across : across + WIDTH]  # a piece of much: drawing it takes longer
    grainy = cv2.GaussianBlur(moved, (0, 0), 0.6) + grain
    return np.asarray(np.clip(grainy, 0, 255), np.uint8)


def _rotation(view: View) -> Values:
    """From the paper's axes to the camera's, as `heads.seen` turns its points."""
    yaw, pitch, roll = np.radians((view.yaw, view.pitch, view.roll))
    about = (0.0, 0.0, roll), (pitch, 0.0, 0.0), (0.0, -yaw, 0.0)
    first, second, third = (cv2.Rodrigues(np.asarray(axis))[0] for axis in about)
    return np.asarray(first @ second @ third, np.float64)


def _on_plane(start: Values, rays: Values) -> tuple[Values, Values, NDArray[np.bool_]]:
    met = rays[..., 2] > 0
    reach = np.where(met, -start[2] / np.where(met, rays[..., 2], 1), 0)
    return start[0] + reach * rays[..., 0], start[1] + reach * rays[..., 1], met


def _on_cylinder(start: Values, rays: Values, radius: float) -> tuple[Values, Values, NDArray[np.bool_]]:
    """The nearer of the two places where a ray meets it; the face is at (0, 0, 0), the axis behind it."""
    x, z = start[0], start[2] - radius
    a = rays[..., 0] ** 2 + rays[..., 2] ** 2
    b = rays[..., 0] * x + rays[..., 2] * z
    under = b**2 - a * (x**2 + z**2 - radius**2)
    reach = (-b - np.sqrt(np.maximum(under, 0))) / a
    arc = np.arctan2(x + reach * rays[..., 0], -(z + reach * rays[..., 2]))
    met = (under > 0) & (np.abs(arc) < _MOST_ARC)
    return radius * arc, start[1] + reach * rays[..., 1], met
