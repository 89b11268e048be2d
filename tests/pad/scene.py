"""What a camera sees of a sheet of paper or a screen before a hall."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.frame import Image

WIDTH, HEIGHT = 640, 480
FOCAL = 700.0  # pixels: a common webcam's field of view at this size

Values = NDArray[np.float32]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The thing itself, 0 to 255; `outline` is 1 within it and 0 where it was cut away.

    `radius`: of the upright cylinder that it is bent round, in pixels; infinite if it is flat.
    """

    surface: Values
    outline: Values
    shines: bool
    radius: float = np.inf


@dataclass(frozen=True, slots=True)
class Pose:
    """Rotation vector, shift in pixels, and how much nearer than at first."""

    turned: NDArray[np.float64]
    moved: NDArray[np.float64]
    nearer: float


def hall(chance: np.random.Generator) -> Values:
    """A plain room: wall, floor, a few soft rectangles for doors, windows and posters."""
    scene = np.empty((HEIGHT, WIDTH, 3), np.float32)
    scene[:] = chance.uniform(120, 200, 3)
    scene[round(HEIGHT * 0.7) :] = chance.uniform(70, 140, 3)
    for _ in range(9):
        x, y = chance.integers(0, WIDTH), chance.integers(0, HEIGHT)
        width, height = chance.integers(30, 140, 2)
        colour = tuple(float(value) for value in chance.uniform(40, 245, 3))
        cv2.rectangle(scene, (int(x), int(y)), (int(x + width), int(y + height)), colour, -1)
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), 2.0), np.float32)


def seen(scene: Values, sheet: Sheet, pose: Pose, chance: np.random.Generator) -> Image:
    """The camera's frame: the sheet before the scene, then lens blur and sensor noise."""
    lay = _flat if np.isinf(sheet.radius) else _bent
    laid, cover = lay(sheet, pose)
    frame = scene * (1 - cover) + laid * cover * (1.0 if sheet.shines else 0.95)
    frame = cv2.GaussianBlur(frame, (0, 0), 0.6) + chance.normal(0, 2.0, frame.shape)
    return np.asarray(np.clip(frame, 0, 255), np.uint8)


def _flat(sheet: Sheet, pose: Pose) -> tuple[Values, Values]:
    """The sheet as the camera sees it, and how much of each pixel it covers."""
    height, width = sheet.outline.shape[:2]
    rotation, _ = cv2.Rodrigues(pose.turned)
    corners = np.asarray([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    space = np.column_stack((corners, np.zeros(4))) @ rotation.T
    depth = FOCAL / pose.nearer + space[:, 2:]
    there = space[:, :2] * FOCAL / depth + (WIDTH / 2, HEIGHT / 2) + pose.moved
    source = np.asarray([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, there.astype(np.float32))
    size = (WIDTH, HEIGHT)
    laid = cv2.warpPerspective(sheet.surface, matrix, size, flags=cv2.INTER_AREA)
    cover = cv2.warpPerspective(sheet.outline, matrix, size)[..., np.newaxis]
    return np.asarray(laid, np.float32), np.asarray(cover, np.float32)


def _bent(sheet: Sheet, pose: Pose) -> tuple[Values, Values]:
    """The same for a sheet on a cylinder: what is printed where each pixel's ray first meets it."""
    height, width = sheet.outline.shape[:2]
    rotation, _ = cv2.Rodrigues(pose.turned)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    seen = np.stack((columns - WIDTH / 2 - pose.moved[0], rows - HEIGHT / 2 - pose.moved[1]), axis=-1)
    ray = np.concatenate((seen / FOCAL, np.ones((HEIGHT, WIDTH, 1))), axis=-1) @ rotation
    camera = -FOCAL / pose.nearer * rotation[2]
    # From the axis: |(camera + t * ray) in x and z| = radius, the nearer of the two.
    x, z = camera[0], camera[2] - sheet.radius
    square, half = ray[..., 0] ** 2 + ray[..., 2] ** 2, x * ray[..., 0] + z * ray[..., 2]
    root = half**2 - square * (x**2 + z**2 - sheet.radius**2)
    reach = (-half - np.sqrt(np.maximum(root, 0))) / square
    angle = np.arctan2(x + reach * ray[..., 0], -(z + reach * ray[..., 2]))
    across = np.where(root > 0, sheet.radius * angle + width / 2, -1).astype(np.float32)
    down = (camera[1] + reach * ray[..., 1] + height / 2).astype(np.float32)
    laid = cv2.remap(sheet.surface, across, down, cv2.INTER_LINEAR)
    cover = cv2.remap(sheet.outline, across, down, cv2.INTER_LINEAR)[..., np.newaxis]
    return np.asarray(laid, np.float32), np.asarray(cover, np.float32)
