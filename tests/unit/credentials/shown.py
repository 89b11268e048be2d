"""What a camera sees of a code held to it: small, turned, tilted, blurred, dim, on a phone."""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.frame import Image
from edge.vision.qr import QUIET_ZONE, draw_code

Grey: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float32]
_FINE = 4
"""A camera's pixel gathers light over its whole area: everything is drawn so many times finer first."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How a code is held to the camera.

    `module`: pixels a module of the code. `turn`: degrees about the line of sight. `tilt`: how much shorter
    the far edge is. `blur`: sigma in pixels. `light`: share of the scene's usual light. `noise`: grey levels.
    `glare`: share of the code's width under a reflection. `phone`: on a bright screen, else on paper.
    """

    module: float = 4.0
    turn: float = 0.0
    tilt: float = 0.0
    blur: float = 0.6
    light: float = 1.0
    noise: float = 4.0
    glare: float = 0.0
    phone: bool = False


def printed(text: str) -> Grey:
    """A code with its quiet zone, one pixel a module, 0 or 255."""
    return np.pad(np.where(draw_code(text), 0, 255), QUIET_ZONE, constant_values=255).astype(np.uint8)


def shown(code: Grey, how: Showing, background: Image, seed: int) -> Image:
    """A picture of the size of `background` with the code somewhere in its middle."""
    random = np.random.default_rng(seed)
    height, width = background.shape[:2]
    paper = _on_phone(code) if how.phone else code
    where = _placed(paper.shape, how, (width, height), random)
    scene = cv2.resize(background, (width * _FINE, height * _FINE), interpolation=cv2.INTER_LINEAR)
    fine = _pasted(scene.astype(np.uint8), paper, where)
    seen = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    seen = _lit(cv2.GaussianBlur(seen, (0, 0), how.blur).astype(np.float32), where, how)
    if how.glare:
        seen = _glare(seen, where, how.glare * how.module * code.shape[0])
    taken = np.clip(seen + random.normal(0, how.noise, seen.shape), 0, 255).astype(np.uint8)
    sent = cv2.imdecode(cv2.imencode(".jpg", taken, [cv2.IMWRITE_JPEG_QUALITY, 80])[1], cv2.IMREAD_COLOR)
    assert sent is not None
    return sent.astype(np.uint8)


def _on_phone(code: Grey) -> Grey:
    side = code.shape[0]
    screen = np.full((side * 2, side + 2), 255, np.uint8)
    top = side // 2
    screen[top : top + side, 1:-1] = code
    return cv2.copyMakeBorder(screen, 2, 2, 1, 1, cv2.BORDER_CONSTANT, value=15).astype(np.uint8)


def _placed(
    paper: tuple[int, ...], how: Showing, size: tuple[int, int], random: np.random.Generator
) -> Floats:
    """Where the corners of the paper come to lie, in fine pixels."""
    up, across = how.module * paper[0] / 2, how.module * paper[1] / 2
    corners = np.array([[-across, -up], [across, -up], [across, up], [-across, up]])
    corners[:2, 0] *= 1 - how.tilt
    angle = np.radians(how.turn)
    corners = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array(size) / 2 + random.uniform(-20, 20, 2)
    placed: Floats = ((corners + middle) * _FINE).astype(np.float32)
    return placed


def _pasted(scene: Image, paper: Grey, where: Floats) -> Image:
    big = cv2.resize(paper, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    down, right = big.shape
    source = np.array([[0, 0], [right, 0], [right, down], [0, down]], np.float32)
    turned = cv2.getPerspectiveTransform(source, where)
    drawn = cv2.warpPerspective(big, turned, (scene.shape[1], scene.shape[0]), flags=cv2.INTER_LINEAR)
    mask = _inside(where, scene.shape)
    return np.where(mask[..., None], drawn[..., None], scene).astype(np.uint8)


def _lit(picture: Floats, where: Floats, how: Showing) -> Floats:
    """Paper is as dark as the room, a screen shines by itself."""
    if not how.phone:
        return (picture * how.light).astype(np.float32)
    screen = _inside(where / np.float32(_FINE), picture.shape)
    return np.where(screen[..., None], picture, picture * how.light).astype(np.float32)


def _inside(corners: Floats, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, corners.astype(np.int32), 1)
    return mask > 0


def _glare(picture: Floats, where: Floats, width: float) -> Floats:
    """A window or lamp reflected in glass: a soft bright spot beside the middle of the code."""
    x, y = where.mean(0) / _FINE + width * np.array([0.35, -0.2])
    spot = np.zeros(picture.shape[:2], np.float32)
    axes = (int(width / 2), int(width / 3))
    cv2.ellipse(spot, (int(x), int(y)), axes, 30, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(spot, (0, 0), max(1.0, width / 8)).astype(np.float32)
    return picture + (255 - picture) * (np.float32(0.97) * soft[..., None])
