"""A face drawn with ellipses: nobody's, and real enough for the detector."""

import cv2
import numpy as np

from edge.vision.frame import Image

HEIGHT, WIDTH = 480, 640
_SKIN, _SHADE, _HAIR, _LIPS, _WHITE, _IRIS = (
    (110, 150, 195),
    (90, 125, 170),
    (30, 35, 45),
    (85, 85, 170),
    (235, 235, 235),
    (30, 40, 60),
)


def drawn_face(x: int = 320, y: int = 240, radius: int = 90, canvas: Image | None = None) -> Image:
    """A 640 x 480 picture with a face of half-height `radius` around (x, y), drawn over `canvas`."""
    picture = np.full((HEIGHT, WIDTH, 3), 150, np.uint8) if canvas is None else canvas.copy()

    def part(dx: float, dy: float, width: float, height: float, colour: tuple[int, int, int]) -> None:
        centre = (round(x + dx * radius), round(y + dy * radius))
        size = (max(1, round(width * radius)), max(1, round(height * radius)))
        cv2.ellipse(picture, centre, size, 0, 0, 360, colour, -1, cv2.LINE_AA)

    part(0, -0.2, 0.95, 1.25, _HAIR)
    part(0, 1.2, 0.5, 0.6, _SHADE)
    part(0, 0, 0.8, 1.1, _SKIN)
    for side in (-0.33, 0.33):
        part(side, -0.38, 0.22, 0.05, _HAIR)
        part(side, -0.2, 0.17, 0.09, _WHITE)
        part(side, -0.2, 0.08, 0.08, _IRIS)
    part(0, 0.1, 0.05, 0.2, _SHADE)
    part(0, 0.28, 0.15, 0.06, _SHADE)
    part(0, 0.6, 0.32, 0.1, _LIPS)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), radius * 0.03), np.uint8)
