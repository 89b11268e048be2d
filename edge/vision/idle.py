"""Spares the detector while nothing moves in an empty lane: most of a gate's day."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.frame import Image

_SMALL = (40, 30)
"""A cell of the shrunk picture is 16 x 16 pixels of 640 x 480: averaging takes the camera's noise away."""

CHANGED_LEVELS = 4.0
LOOK_ANYWAY_SECONDS = 0.4


class EmptyLane:
    """Remembers the last picture without a face; times are seconds of the monotonic clock."""

    def __init__(self) -> None:
        self._empty: NDArray[np.float32] | None = None
        self._looked = float("-inf")

    def still_empty(self, image: Image, now: float) -> bool:
        """Whether this picture differs nowhere from an empty one, so that looking for faces can wait.

        A face that fades in more slowly than the comparison sees is found by the look every 0.4 seconds.
        """
        if self._empty is None or now - self._looked >= LOOK_ANYWAY_SECONDS:
            return False
        return bool(np.abs(_shrunk(image) - self._empty).max() < CHANGED_LEVELS)

    def looked(self, image: Image, faces: int, now: float) -> None:
        """The detector was run on this picture and found so many faces."""
        self._empty = None if faces else _shrunk(image)
        self._looked = now


def _shrunk(image: Image) -> NDArray[np.float32]:
    return cv2.resize(image, _SMALL, interpolation=cv2.INTER_AREA).astype(np.float32)
