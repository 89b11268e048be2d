"""What can be measured on a face in a picture, in plain units; no judgement here.

Everything but the size is measured on the chip that SFace is given, so that it is the sharpness, light and
noise the embedder sees that counts, whatever the size of the face in the camera's picture.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.align import SFACE_CHIP, align
from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.quality.pose import Pose, head_pose

Grey = NDArray[np.float32]

UNDER, OVER = 16, 245
"""Grey levels at which a pixel carries nothing: video black, and just below white."""

_SMOOTHING = 1.5  # pixels of the chip: below this is sensor noise, above it is face
_MOST_YAW = 60.0  # degrees: beyond, the correction of the eye distance would be a guess
_MAD_TO_SIGMA = 1.4826
_LAPLACIAN_GAIN = 20**0.5  # of white noise, for the kernel 0 1 0, 1 -4 1, 0 1 0

# Second derivatives along the rows, the columns and both diagonals. Movement wipes out the detail along
# its own direction only, so the weakest of the four tells of it; one Laplacian would not.
_DIRECTIONS = tuple(
    np.asarray(kernel, np.float32)
    for kernel in (
        [[0, 0, 0], [1, -2, 1], [0, 0, 0]],
        [[0, 1, 0], [0, -2, 0], [0, 1, 0]],
        [[0.5, 0, 0], [0, -1, 0], [0, 0, 0.5]],
        [[0, 0, 0.5], [0, -1, 0], [0.5, 0, 0]],
    )
)
# The same four for sharp portraits: medians over 26 adults, smiling, faces of 110 pixels (London set).
_SHARP = np.asarray([0.0055, 0.0175, 0.0087, 0.0086])


_FACE = np.s_[32:105, 26:87]
"""Brows to chin, cheek to cheek, as a rectangle of the chip; the others are rectangles within it."""
_RIGHT_EYE = np.s_[12:28, 2:22]
_LEFT_EYE = np.s_[12:28, 38:58]
_MOUTH = np.s_[52:70, 14:46]


def _ellipse() -> NDArray[np.bool_]:
    """The rectangle without its corners: face, and neither hair nor background."""
    y, x = np.mgrid[-1:1:73j, -1:1:61j]
    return np.asarray(x**2 + y**2 <= 1)


_SKIN = _ellipse()
_SKIN_MASK = _SKIN.astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Measures:
    """`eye_distance` in pixels of the picture, corrected for yaw (ISO/IEC 29794-5); the rest on the chip.

    `sharpness`: 1 for a sharp portrait, 0 for none. `under`, `over`: share of the face's pixels.
    `mean`, `contrast`, `noise`: grey levels; the contrast lies between the 5th and the 95th percentile.
    `eyes`, `mouth`: variation there, of the less varied eye, as a share of the whole face's.
    """

    eye_distance: float
    pose: Pose
    sharpness: float
    under: float
    over: float
    mean: float
    contrast: float
    noise: float
    eyes: float
    mouth: float
    confidence: float


def measure(image: Image, face: Face) -> Measures:
    """Measure one face. Raises ImageError for landmarks that coincide or are not finite."""
    grey = cv2.cvtColor(align(image, face.landmarks, SFACE_CHIP), cv2.COLOR_BGR2GRAY)[_FACE]
    raw = grey[_SKIN]
    fine = grey.astype(np.float32)
    smooth: Grey = cv2.GaussianBlur(fine, (0, 0), _SMOOTHING).astype(np.float32)
    skin = np.sort(smooth[_SKIN])
    spread = float(skin.std()) + 1  # one grey level: a flat face divides by it, not by nothing
    pose = head_pose(face.landmarks)
    return Measures(
        eye_distance=_eye_distance(face, pose),
        pose=pose,
        sharpness=_sharpness(smooth, spread),
        under=float((raw < UNDER).mean()),
        over=float((raw >= OVER).mean()),
        mean=float(skin.mean()),
        contrast=float(skin[len(skin) * 95 // 100] - skin[len(skin) * 5 // 100]),
        noise=_noise(fine),
        eyes=min(_patch(smooth[_RIGHT_EYE]), _patch(smooth[_LEFT_EYE])) / spread,
        mouth=_patch(smooth[_MOUTH]) / spread,
        confidence=face.score,
    )


def _eye_distance(face: Face, pose: Pose) -> float:
    right, left = face.landmarks[0], face.landmarks[1]
    return float(np.linalg.norm(left - right) / np.cos(np.radians(min(abs(pose.yaw), _MOST_YAW))))


def _sharpness(smooth: Grey, spread: float) -> float:
    detail = [_deviation(cv2.filter2D(smooth, cv2.CV_32F, kernel)) ** 2 for kernel in _DIRECTIONS]
    return float(min(detail / _SHARP)) / spread**2


def _deviation(values: NDArray[Any]) -> float:
    """Over the face; OpenCV's is several times faster than picking the pixels out first."""
    return float(cv2.meanStdDev(values, mask=_SKIN_MASK)[1][0, 0])


def _patch(values: Grey) -> float:
    return float(cv2.meanStdDev(values)[1][0, 0])


def _noise(fine: Grey) -> float:
    """Standard deviation of the finest grain (Immerkaer's idea, with a median that edges do not move)."""
    grain = np.abs(cv2.Laplacian(fine, cv2.CV_32F)[_SKIN])
    return float(np.median(grain)) * _MAD_TO_SIGMA / _LAPLACIAN_GAIN
