"""Turns, scales and crops a face so that its five landmarks lie where an embedder expects them."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import ImageError
from edge.vision.frame import Image

_LEAST_SPREAD = 1.0  # square pixels: five points closer than this are no face


@dataclass(frozen=True, slots=True)
class Chip:
    """A square crop: its side in pixels, and where the five landmarks (YuNet's order) shall lie, (5, 2)."""

    side: int
    landmarks: NDArray[np.float64] = field(repr=False)


def _chip(side: int, *points: tuple[float, float]) -> Chip:
    landmarks = np.asarray(points, np.float64)
    landmarks.flags.writeable = False
    return Chip(side, landmarks)


SFACE_CHIP = _chip(
    112,
    # The reference points of the ArcFace alignment, which SFace was trained with and OpenCV uses.
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)

DLIB_CHIP = _chip(
    150,
    # Where YuNet's points fall in the chips that dlib cuts (get_face_chip_details, 150 pixels, padding 0.25).
    # Measured: medians over 204 portraits of 102 adults (Face Research Lab London Set) and their mirror
    # images, each detected with longer sides of 160, 200, 240, 280 and 320 pixels (2,040 detections,
    # standard deviation 2.5 to 3.7 pixels), then made symmetric about the chip's middle, x = 74.5.
    (45.6, 45.1),
    (103.4, 45.1),
    (74.5, 77.5),
    (49.4, 101.4),
    (99.6, 101.4),
)


def similarity(points: NDArray[np.float32], targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """The turn, scale and shift, (2, 3), that brings `points` closest to `targets` in the least squares.

    As complex numbers it is one regression: target = a * point + b. Raises ImageError for points that
    are not finite or coincide.
    """
    source = points[:, 0] + 1j * points[:, 1].astype(np.float64)
    wanted = targets[:, 0] + 1j * targets[:, 1]
    spread = source - source.mean()
    power = float(np.sum(np.abs(spread) ** 2))
    if not np.isfinite(power) or power < _LEAST_SPREAD:
        raise ImageError("the landmarks of a face coincide", "Take another picture")
    a = np.sum(spread.conj() * (wanted - wanted.mean())) / power
    b = wanted.mean() - a * source.mean()
    return np.asarray([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def align(image: Image, landmarks: NDArray[np.float32], chip: Chip) -> Image:
    """The chip, side x side x 3 BGR; what lies outside the picture is black. Raises ImageError."""
    matrix = similarity(landmarks, chip.landmarks)
    crop = cv2.warpAffine(image, matrix, (chip.side, chip.side), flags=cv2.INTER_LINEAR)
    return np.asarray(crop, np.uint8)
