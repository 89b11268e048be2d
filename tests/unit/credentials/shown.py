"""What a camera sees when somebody holds a code to it: drawn small, turned, tilted, blurred, dim, on a phone."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.frame import Image
from edge.vision.qr import QUIET_ZONE, draw_code

_FINE = 4
"""A camera's pixel gathers light over its whole area: everything is drawn so many times finer first."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How a code is held to the camera.

    `module`: pixels a module of the code. `turn`: degrees about the line of sight. `tilt`: how much shorter the
    far edge is. `blur`: sigma in pixels. `light`: of the scene's usual light. `noise`: grey levels. `glare`: how
    much of the code's width a reflection covers. `phone`: on a bright screen with a black edge, else on paper.
    """

    module: float = 4.0
    turn: float = 0.0
    tilt: float = 0.0
    blur: float = 0.6
    light: float = 1.0
    noise: float = 4.0
    glare: float = 0.0
    phone: bool = False


def printed(text: str) -> NDArray[np.uint8]:
    """A code with its quiet zone, one pixel a module, 0 or 255."""
    return np.pad(np.where(draw_code(text), 0, 255), QUIET_ZONE, constant_values=255).astype(np.uint8)


def shown(code: NDArray[np.uint8], how: Showing, background: Image, seed: int) -> Image:
    """A picture of the size of `background` with the code somewhere in its middle."""
    random = np.random.default_rng(seed)
    height, width = background.shape[:2]
    paper = _on_phone(code) if how.phone else code
    scene = cv2.resize(background, (width * _FINE, height * _FINE), interpolation=cv2.INTER_LINEAR)
    where = _placed(paper.shape, how, (width, height), random)
    _paste(scene, paper, where)
    small = cv2.resize(scene, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    small = cv2.GaussianBlur(small, (0, 0), how.blur) * (1.0 if how.phone and how.light < 1 else how.light)
    if how.phone and how.light < 1:  # the screen shines by itself, the room does not
        small = _darkened_around(small, where, how.light)
    if how.glare:
        small = _glare(small, where, how.glare * how.module * code.shape[0])
    small += random.normal(0, how.noise, small.shape)
    taken = np.clip(small, 0, 255).astype(np.uint8)
    return cv2.imdecode(cv2.imencode(".jpg", taken, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], 1).astype(np.uint8)


def _on_phone(code: NDArray[np.uint8]) -> NDArray[np.uint8]:
    side = code.shape[0]
    screen = np.full((side * 2, side + 2), 255, np.uint8)
    top = side // 2
    screen[top : top + side, 1:-1] = code
    return cv2.copyMakeBorder(screen, 2, 2, 1, 1, cv2.BORDER_CONSTANT, value=15).astype(np.uint8)


def _placed(
    paper: tuple[int, ...], how: Showing, size: tuple[int, int], random: np.random.Generator
) -> NDArray[np.float32]:
    """Where the corners of the paper come to lie, in fine pixels."""
    up, across = how.module * paper[0] / 2, how.module * paper[1] / 2
    corners = np.array([[-across, -up], [across, -up], [across, up], [-across, up]])
    corners[:2, 0] *= 1 - how.tilt
    angle = np.radians(how.turn)
    corners = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array(size) / 2 + random.uniform(-20, 20, 2)
    return ((corners + middle) * _FINE).astype(np.float32)


def _paste(scene: Image, paper: NDArray[np.uint8], where: NDArray[np.float32]) -> None:
    big = cv2.resize(paper, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    down, right = big.shape
    source = np.array([[0, 0], [right, 0], [right, down], [0, down]], np.float32)
    turned = cv2.getPerspectiveTransform(source, where)
    drawn = cv2.warpPerspective(big, turned, (scene.shape[1], scene.shape[0]), flags=cv2.INTER_LINEAR)
    mask = np.zeros(scene.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, where.astype(np.int32), 1)
    scene[mask > 0] = drawn[mask > 0, None]


def _darkened_around(
    picture: NDArray[np.float32], where: NDArray[np.float32], light: float
) -> NDArray[np.float32]:
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, (where / _FINE).astype(np.int32), 1)
    return np.where(mask[..., None] > 0, picture, picture * light).astype(np.float32)


def _glare(picture: NDArray[np.float32], where: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """A window or lamp reflected in glass: a soft bright spot beside the middle of the code."""
    middle = where.mean(0) / _FINE + width * np.array([0.35, -0.2])
    spot = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(spot, middle.astype(int).tolist(), (int(width / 2), int(width / 3)), 30, 0, 360, 1.0, -1)
    spot = cv2.GaussianBlur(spot, (0, 0), max(1.0, width / 8))
    return picture + (255 - picture) * (0.97 * spot[..., None])
