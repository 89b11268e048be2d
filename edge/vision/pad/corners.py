"""Corners that are followed from one picture to another by optical flow.

Shi and Tomasi 1994 for the corners, Lucas and Kanade 1981 in pyramids for the flow. What is not found again
when it is followed back is dropped.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
Grey = NDArray[np.uint8]

_QUALITY, _APART = 0.01, 4  # of the strongest corner; pixels between two


@dataclass(frozen=True, slots=True)
class Follower:
    """At most `most` corners, in windows of `window` pixels, over `levels` halvings of the picture.

    `round_trip`: pixels by which a corner may miss its start when it is followed back.
    """

    most: int
    window: int
    levels: int
    round_trip: float

    def follow(self, first: Grey, second: Grey, where: Grey) -> tuple[Points, Points]:
        """Corners of `first` within the mask and where they went in `second`, each (n, 2)."""
        strongest = cv2.goodFeaturesToTrack(first, self.most, _QUALITY, _APART, mask=where)
        if strongest is None:
            return np.empty((0, 2), np.float32), np.empty((0, 2), np.float32)
        corners = np.asarray(strongest, np.float32)
        there, found = self._flow(first, second, corners)
        back, found_back = self._flow(second, first, there)
        missed = np.linalg.norm(back - corners, axis=2).ravel()
        good = found & found_back & (missed < self.round_trip)
        return corners.reshape(-1, 2)[good], there.reshape(-1, 2)[good]

    def _flow(self, first: Grey, second: Grey, start: Points) -> tuple[Points, NDArray[np.bool_]]:
        window = (self.window, self.window)
        end, found, _ = cv2.calcOpticalFlowPyrLK(
            first, second, start, np.zeros_like(start), winSize=window, maxLevel=self.levels
        )
        return np.asarray(end, np.float32), found.ravel().astype(bool)
