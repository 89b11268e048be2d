"""From bytes to a usable, upright picture; nothing here raises on bad pictures."""

import cv2
import numpy as np

from edge.vision.cameras.settings import Crop, View
from edge.vision.frame import Image

SMALLEST_SIDE = 48
LARGEST_SIDE = 8192

_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def decode(data: bytes) -> Image | None:
    """A JPEG, PNG or other picture as BGR, or None if it is damaged or of an absurd size."""
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return usable(image)


def usable(image: object) -> Image | None:
    """The picture itself if it is H x W x 3 of 8 bit with both sides in range, else None."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3:
        return None
    height, width, channels = image.shape
    sides_fit = min(height, width) >= SMALLEST_SIDE and max(height, width) <= LARGEST_SIDE
    return image if channels == 3 and sides_fit else None


def upright(image: Image, view: View) -> Image:
    """Turn and crop; the result owns its memory."""
    if view.rotate:
        image = cv2.rotate(image, _TURNS[view.rotate]).astype(np.uint8, copy=False)
    if view.crop == Crop():
        return image
    height, width = image.shape[:2]
    rows = slice(round(view.crop.top * height), round(view.crop.bottom * height))
    columns = slice(round(view.crop.left * width), round(view.crop.right * width))
    return image[rows, columns].copy()
