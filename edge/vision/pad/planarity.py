"""Has the face depth, as a head has, or is it flat, as a picture is?

However something flat is carried, turned or tilted, all its points move by one homography from picture to
picture (Hartley and Zisserman 2004, section 13.1). A head that turns does otherwise: its nose stands out.
Corners on the face are followed between pictures some tenths of a second apart; what the best homography
leaves unexplained is the depth that was seen. An eye that closes and a mouth that speaks count as well: a
print does neither. A head that only comes nearer shows little depth and is asked to turn. Blind to a mask in
relief, to a print with holes that show what is behind it, and to a video of a head on a screen.
"""

from collections import deque
from dataclasses import dataclass, field
from statistics import median

import cv2
import numpy as np

from edge.vision.align import DLIB_CHIP, align, similarity
from edge.vision.detect import check_image
from edge.vision.pad.check import DEPTH, Look
from edge.vision.pad.corners import Follower, Grey
from edge.vision.pad.verdict import Finding, PadReason

LEAST_DEPTH = 0.025
"""Least unexplained motion of a face with depth, as a share of the distance between the eyes."""

_LEAST_WIDTH = 64  # pixels: a smaller face would be enlarged more than twice
_LEAST_CORNERS = 12  # a homography takes four; the rest tells whether it holds
_LEAST_PAIRS, _MOST_PAIRS = 2, 12  # of which the median is taken; about a second
_SPACING, _SHORTEST_GAP, _LONGEST_GAP = 0.08, 0.25, 1.0  # seconds between frames, and within a pair
_FOLLOWER = Follower(most=100, window=15, levels=2, round_trip=1.0)

_CHIP = DLIB_CHIP  # reaches from the forehead to the chin
_EYES_APART = float(np.linalg.norm(_CHIP.landmarks[1] - _CHIP.landmarks[0]))
_MIDDLE, _HALF_AXES = (75, 74), (56, 66)  # pixels of the chip: nothing but face, whatever is behind it


@dataclass(frozen=True, slots=True)
class Planarity:
    """The check; it needs a few frames in which the head turns."""

    name: str = DEPTH

    def begin(self) -> "_Observation":
        """Start on a new person."""
        return _Observation()


@dataclass(frozen=True, slots=True)
class _Chip:
    captured: float
    grey: Grey = field(repr=False)


class _Observation:
    """Depths of the latest pairs: each frame with the oldest of the second before it."""

    def __init__(self) -> None:
        self._chips: deque[_Chip] = deque()
        self._depths: deque[float] = deque(maxlen=_MOST_PAIRS)

    def add(self, look: Look) -> None:
        check_image(look.image)
        if look.face.box[2] < _LEAST_WIDTH or not _whole(look):
            return
        if self._chips and look.captured - self._chips[-1].captured < _SPACING:
            return
        chip = _Chip(look.captured, _grey(look))
        while self._chips and chip.captured - self._chips[0].captured > _LONGEST_GAP:
            self._chips.popleft()
        if self._chips and chip.captured - self._chips[0].captured >= _SHORTEST_GAP:
            seen = depth(self._chips[0].grey, chip.grey)
            if seen is not None:
                self._depths.append(seen)
        self._chips.append(chip)

    def finding(self) -> Finding:
        if len(self._depths) < _LEAST_PAIRS:
            return Finding(PadReason.NOTHING_SEEN, float("nan"))
        middle = median(self._depths)
        return Finding(PadReason.FACE_IS_FLAT if middle < LEAST_DEPTH else None, middle)


def depth(first: Grey, second: Grey) -> float | None:
    """How far a quarter of the corners miss the best homography between two chips, in distances between the
    eyes; None if too few corners could be followed.
    """
    start, end = _FOLLOWER.follow(first, second, _FACE)
    if len(start) < _LEAST_CORNERS:
        return None
    matrix, _ = cv2.findHomography(start, end, cv2.LMEDS)
    if matrix is None or not np.isfinite(matrix).all():
        return None
    flat = cv2.perspectiveTransform(start[np.newaxis], matrix)[0]
    return float(np.percentile(np.linalg.norm(flat - end, axis=1), 75)) / _EYES_APART


def _grey(look: Look) -> Grey:
    chip = align(look.image, look.face.landmarks, _CHIP)
    return np.asarray(cv2.cvtColor(chip, cv2.COLOR_BGR2GRAY), np.uint8)


def _whole(look: Look) -> bool:
    """Whether the chip lies within the picture: the picture's edge stands still, and would pass for depth."""
    back = cv2.invertAffineTransform(similarity(look.face.landmarks, _CHIP.landmarks))
    corners = np.asarray([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64) * _CHIP.side
    there = corners @ back[:, :2].T + back[:, 2]
    return bool((there >= 0).all() and (there <= look.image.shape[1::-1]).all())


def _face_mask() -> Grey:
    mask = np.zeros((_CHIP.side, _CHIP.side), np.uint8)
    cv2.ellipse(mask, _MIDDLE, _HALF_AXES, 0, 0, 360, 255, -1)
    mask.flags.writeable = False
    return mask


_FACE = _face_mask()
