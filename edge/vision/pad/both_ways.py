"""The detector on a picture and on its mirror image: what it adds of its own to one side cancels out.

YuNet is not symmetric. On bent prints turned to one side it moved the nose up to twice as far as on those
turned to the other, which made some of them look like a turned head (docs/pad.md, "Turn your head").
"""

import cv2
import numpy as np

from edge.vision.detect import Detector
from edge.vision.face import Face
from edge.vision.frame import Image

_OTHER_SIDE = [1, 0, 2, 4, 3]  # what was the right eye is the left one in a mirror
_SAME = 0.5  # of a face's width: nearer than that, two boxes are of one face


def detect_both_ways(detector: Detector, image: Image) -> list[Face]:
    """Faces that are found both ways, the largest first, with averaged landmarks. Raises ImageError."""
    faces = detector.detect(image)
    if not faces:
        return []
    mirrored = detector.detect(np.asarray(cv2.flip(image, 1), np.uint8))
    others = [_unmirrored(face, image.shape[1]) for face in mirrored]
    found = []
    for face in faces:
        other = min(others, key=lambda one: _apart(face, one), default=None)
        if other is not None and _apart(face, other) < _SAME:
            mean = ((face.landmarks + other.landmarks) / 2).astype(np.float32)
            found.append(Face(face.box, mean, min(face.score, other.score)))
    return found


def _unmirrored(face: Face, width: int) -> Face:
    left, top, box_width, box_height = face.box
    points = np.column_stack((width - 1 - face.landmarks[:, 0], face.landmarks[:, 1]))[_OTHER_SIDE]
    return Face((width - left - box_width, top, box_width, box_height), points.astype(np.float32), face.score)


def _apart(one: Face, other: Face) -> float:
    """Between the middles of two boxes, in widths of the first."""
    across = one.box[0] + one.box[2] / 2 - other.box[0] - other.box[2] / 2
    down = one.box[1] + one.box[3] / 2 - other.box[1] - other.box[3] / 2
    return float(np.hypot(across, down)) / one.box[2]
