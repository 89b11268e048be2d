"""Does what surrounds the face stand still, as a room does, or move along, as the rest of a picture does?

The camera at a gate stands still. When a person moves, the wall behind does not; when a print or a screen
that is larger than the face moves, its painted background goes with it. Corners on the face tell how the
face moved, and each corner around it is nearer to one of two predictions, "moved with the face" or "stood
still". Blind to a face cut
out of its picture, to a picture that ends at the face, and to a plain background.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.align import similarity
from edge.vision.detect import check_image
from edge.vision.pad.check import CheckName, Look
from edge.vision.pad.corners import Follower, Grey, Points
from edge.vision.pad.verdict import Finding, PadReason

FACE_SIDE = 64
"""Pixels of the face's width at which motion is measured; a smaller face is too far away to tell."""

MOST_ALONG, CERTAIN_ALONG = 0.6, 2 / 3
"""Share of the surrounding corners that may move along, and from which on it is a picture; between, wait.

Hair, collars and wrong votes bring a person near one half; drawn pictures had 0.67 and more (docs/pad.md).
"""

# Flow is exact to some tenths of a pixel; two pixels, 3 % of the face's width, are motion beyond doubt.
# The detector's landmarks move by about 2 % of the width without any motion: of them more is asked for.
_LEAST_MOTION, _LEAST_LANDMARK_MOTION = 2.0, 5.0
_LEAST_CORNERS = 8  # a similarity takes two; the rest outvotes corners that were followed wrongly
_SPACING, _LONGEST_GAP = 0.15, 1.0  # seconds between the two frames that are compared
# Asked after the first pair, half of the drawn prints passed for want of corners; when 12 to 24 corners are
# asked for hardly any do, and rendered walks have them in time. Before a plain wall the third pair decides.
_ENOUGH_CORNERS, _ENOUGH_PAIRS = 24, 3


# In widths and heights of the face box: hair and ears lie within the hole, the neck and shoulders below.
_ASIDE, _ABOVE, _DOWN_TO = 0.75, 0.6, 0.8
_HOLE_ASIDE, _HOLE_ABOVE = 0.3, 0.35
_MARGIN = 0.3  # around all this, so that what moves is still there in the second picture
_FOLLOWER = Follower(most=150, window=11, levels=3, round_trip=0.5)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The check; it needs a few frames in which the face moves."""

    name: str = CheckName.SURROUNDINGS.value

    def begin(self) -> "_Observation":
        """Start on a new person."""
        return _Observation()


class _Observation:
    """Votes of corners over pairs of frames; `_pairs` counts those in which the face moved enough to tell."""

    def __init__(self) -> None:
        self._before: Look | None = None
        self._along, self._still = 0, 0
        self._pairs = 0

    def add(self, look: Look) -> None:
        check_image(look.image)
        if look.face.box[2] < FACE_SIDE:
            return
        before = self._before
        if before is not None and look.captured - before.captured < _SPACING:
            return
        self._before = look
        if before is None or look.captured - before.captured > _LONGEST_GAP:
            return
        votes = compare(before, look)
        if votes is not None:
            self._pairs += 1
            self._along += votes.along
            self._still += votes.still

    def finding(self) -> Finding:
        votes = self._along + self._still
        if votes < _ENOUGH_CORNERS and self._pairs < _ENOUGH_PAIRS:
            return Finding(PadReason.NOTHING_SEEN, float("nan"))
        if votes < _LEAST_CORNERS:
            return Finding(None, float("nan"))
        return Finding(self._against(self._along / votes), self._still / votes)

    @staticmethod
    def _against(along: float) -> PadReason | None:
        if along > CERTAIN_ALONG:
            return PadReason.SCENE_MOVES_ALONG
        return PadReason.NOTHING_SEEN if along > MOST_ALONG else None


@dataclass(frozen=True, slots=True)
class Votes:
    """How many corners around the face went with it and how many stayed."""

    along: int
    still: int


def compare(before: Look, after: Look) -> Votes | None:
    """The votes of one pair of pictures of the same size, or None if the face did not move enough to tell."""
    if before.image.shape != after.image.shape:
        return None
    region, scale = _region(before)
    first, second = (_grey(look, region, scale) for look in (before, after))
    left, top, width, height = _scaled(before.face.box, region, scale)
    face = np.zeros_like(first)
    _fill(face, (left, top, left + width, top + height), 255)
    motion, least = _motion(*_FOLLOWER.follow(first, second, face)), _LEAST_MOTION
    if motion is None:  # a smooth face, or one that came nearer very fast: its landmarks tell, less exactly
        motion, least = _landmark_motion(before, after, region, scale), _LEAST_LANDMARK_MOTION
    around = np.zeros_like(first)
    _fill(
        around,
        (left - _ASIDE * width, top - _ABOVE * height, left + (1 + _ASIDE) * width, top + _DOWN_TO * height),
        255,
    )
    _fill(
        around,
        (left - _HOLE_ASIDE * width, top - _HOLE_ABOVE * height, left + (1 + _HOLE_ASIDE) * width, np.inf),
        0,
    )
    start, end = _FOLLOWER.follow(first, second, around)
    carried = start @ motion[:, :2].T + motion[:, 2]
    tells = np.linalg.norm(carried - start, axis=1) >= least
    with_face = np.linalg.norm(end - carried, axis=1) < np.linalg.norm(end - start, axis=1)
    middle = np.asarray([[left + width / 2, top + height / 2]])
    moved = np.linalg.norm(middle @ motion[:, :2].T + motion[:, 2] - middle) >= least
    if not moved and not tells.any():
        return None
    return Votes(int(np.sum(with_face & tells)), int(np.sum(~with_face & tells)))


def _motion(start: Points, end: Points) -> NDArray[np.float64] | None:
    """The similarity, (2, 3), that most corners of the face followed (least median of squares)."""
    if len(start) < _LEAST_CORNERS:
        return None
    matrix, _ = cv2.estimateAffinePartial2D(start, end, method=cv2.LMEDS)
    return None if matrix is None or not np.isfinite(matrix).all() else np.asarray(matrix, np.float64)


def _landmark_motion(
    before: Look, after: Look, region: tuple[int, int, int, int], scale: float
) -> NDArray[np.float64]:
    """The similarity, (2, 3), from the landmarks of one face to those of the other. Raises ImageError."""
    start, end = ((look.face.landmarks - region[:2]) * scale for look in (before, after))
    return similarity(start.astype(np.float32), end.astype(np.float64))


def _region(look: Look) -> tuple[tuple[int, int, int, int], float]:
    """Left, top, right, bottom of what is looked at in the picture, and the scale it is looked at."""
    height, width = look.image.shape[:2]
    left, top, box_width, box_height = look.face.box
    if not (np.isfinite(look.face.box).all() and box_width >= 1 and box_height >= 1):
        raise ValueError("the face has no extent")
    reach = _ASIDE + _MARGIN
    corners = (
        max(0, int(left - reach * box_width)),
        max(0, int(top - (_ABOVE + _MARGIN) * box_height)),
        min(width, int(left + (1 + reach) * box_width)),
        min(height, int(top + (1 + _MARGIN) * box_height)),
    )
    if corners[0] >= corners[2] or corners[1] >= corners[3]:
        raise ValueError("the face lies outside the picture")
    return corners, FACE_SIDE / box_width


def _grey(look: Look, region: tuple[int, int, int, int], scale: float) -> Grey:
    left, top, right, bottom = region
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    grey = cv2.cvtColor(look.image[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _scaled(
    box: tuple[float, float, float, float], region: tuple[int, int, int, int], scale: float
) -> tuple[float, float, float, float]:
    left, top, width, height = box
    return (left - region[0]) * scale, (top - region[1]) * scale, width * scale, height * scale


def _fill(mask: Grey, edges: tuple[float, float, float, float], value: int) -> None:
    limits = (mask.shape[1], mask.shape[0]) * 2
    left, top, right, bottom = (int(np.clip(edge, 0, most)) for edge, most in zip(edges, limits, strict=True))
    mask[top:bottom, left:right] = value
