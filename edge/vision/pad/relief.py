"""Where the nose tip lies between the eyes and the mouth corners, told so that no flat picture can move it.

Eyes and mouth corners lie in one plane, for both pairs are level. Whatever way that plane is seen, one
homography brings the four back to fixed places, and carries everything else in the plane along: on a flat
picture the nose keeps its place, however it is turned, tilted, moved or photographed. A nose stands out in
front of the plane and comes to lie elsewhere with every direction of view (plane and parallax: Irani and
Anandan 1996).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.align import SFACE_CHIP

NOSE_RELIEF = 0.58
"""How far a nose stands out, in eye distances, as the detector marks it: aside = 0.58 tan(yaw).

A fit on 198 pictures of rendered pupils, faces of 90 pixels or more, yaw within 36 degrees (0.05 are left,
root mean square); no adult or child was measured. A flat picture has none.
"""

_FARTHEST = 2.0  # eye distances: further out, the four points are nearly a line and say nothing
_LEAST_AREA = 16.0  # square pixels between the four points


def _plane() -> NDArray[np.float32]:
    """The four points of the reference face, level and even, in eye distances from between the eyes."""
    right_eye, left_eye, _, right_mouth, left_mouth = SFACE_CHIP.landmarks
    distance = left_eye[0] - right_eye[0]
    half_mouth = (left_mouth[0] - right_mouth[0]) / 2 / distance
    down = (right_mouth[1] + left_mouth[1] - right_eye[1] - left_eye[1]) / 2 / distance
    return np.asarray([(-0.5, 0), (0.5, 0), (half_mouth, down), (-half_mouth, down)], np.float32)


_PLANE = _plane()
_CORNERS = [0, 1, 4, 3]  # of YuNet's five, round the face


@dataclass(frozen=True, slots=True)
class NosePlace:
    """`aside`: to the person's left, in eye distances.

    `breadth` is the eye distance as seen over the distance from eyes to mouth as seen: it shrinks as the
    face turns aside.
    """

    aside: float
    breadth: float


def nose_place(landmarks: NDArray[np.float32]) -> NosePlace | None:
    """From (5, 2) landmarks in YuNet's order; None if they are no face that can be measured."""
    if not np.isfinite(landmarks).all():
        return None
    # From their middle, which the camera sees for certain: `depth` is 1 there, and not above 0 behind it.
    points = (landmarks - landmarks[_CORNERS].mean(axis=0)).astype(np.float32)
    corners = points[_CORNERS]
    if not cv2.isContourConvex(corners) or cv2.contourArea(corners) < _LEAST_AREA:
        return None
    back = cv2.getPerspectiveTransform(corners, _PLANE)
    aside, down, depth = back @ (*points[2].astype(np.float64), 1.0)
    if not depth > 0 or not max(abs(aside), abs(down)) < _FARTHEST * depth:
        return None
    right_eye, left_eye, left_mouth, right_mouth = corners.astype(np.float64)
    across = np.linalg.norm(left_eye - right_eye)
    along = np.linalg.norm(left_mouth + right_mouth - left_eye - right_eye) / 2
    return NosePlace(float(aside / depth), float(across / along))


def stands_out(straight: NosePlace, turned: NosePlace) -> float:
    """How far the nose stands out, in eye distances, if turning aside is why the face narrowed.

    A plane narrows by the cosine of its turn, and a point in front of it moves by the tangent. Infinite for
    a face that did not narrow, which says nothing.
    """
    cosine = turned.breadth / straight.breadth
    moved = abs(turned.aside - straight.aside)
    return float("inf") if cosine >= 1 else float(moved * cosine / np.sqrt(1 - cosine**2))
