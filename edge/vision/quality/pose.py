"""Where a head is turned, estimated from the five landmarks alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Linear fits of degrees on the landmarks' proportions, over the 96 rendered portraits of the twelve pupils
# with an odd number (tests/pupils: yaw within 36, pitch within 18 degrees). Residual on the other twelve
# pupils: see docs/recognition.md. A pose is geometry, which rendering has right; no threshold comes of it.
_YAW_SLOPE, _YAW_SHIFT = 1.740, 0.55
_PITCH_SLOPE, _PITCH_SHIFT = 68.16, -36.08


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees as the camera sees them: yaw to the person's left, pitch down, roll to their left shoulder."""

    yaw: float
    pitch: float
    roll: float


def head_pose(landmarks: NDArray[np.float32]) -> Pose:
    """From (5, 2) landmarks in YuNet's order; points that coincide give a pose of 90 degrees yaw."""
    points = landmarks.astype(np.float64)
    right_eye, left_eye, _, right_mouth, left_mouth = points
    across = (left_eye - right_eye) + (left_mouth - right_mouth)
    roll = float(np.arctan2(across[1], across[0]))
    cos, sin = np.cos(roll), np.sin(roll)
    eyes = (right_eye + left_eye) / 2
    upright = (points - eyes) @ np.asarray([[cos, -sin], [sin, cos]])
    nose, mouth = upright[2], (upright[3] + upright[4]) / 2
    if mouth[1] <= 0:
        return Pose(90, 0, float(np.degrees(roll)))
    down = nose[1] / mouth[1]
    aside = np.degrees(np.arctan((nose[0] - down * mouth[0]) / mouth[1]))
    return Pose(
        float(_YAW_SLOPE * aside + _YAW_SHIFT),
        float(_PITCH_SLOPE * down + _PITCH_SHIFT),
        float(np.degrees(roll)),
    )
