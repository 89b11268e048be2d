"""Finds faces with YuNet, run by OpenCV."""

import cv2
import numpy as np

from edge.errors import ImageError, ModelError
from edge.vision.face import Face
from edge.vision.frame import Image

# YuNet was trained on faces of 10 to 300 pixels. At 320, every face that fills the frame stays within that,
# and a face is found from about 50 pixels of a 640 x 480 frame on: further away than anyone stands at a gate.
WORKING_SIDE = 320

# Measured at 320 with 102 portraits pasted into drawn 640 x 480 scenes with noise. At 0.7 every face of 76
# pixels or more is found, also at a quarter of the light, and 97 % of those of 50 pixels at a quarter of the
# light; 0.9 loses 14 % and 90 % of these. Drawn scenes without a face (1,000) gave no false face at 0.5 or
# above; portraits with the face blurred away still gave one in 11 % at 0.6, 6 % at 0.7 and 0.5 % at 0.8.
SCORE_THRESHOLD = 0.7

_OVERLAP = 0.3
_MOST_CANDIDATES = 1000


class Detector:
    """YuNet on pictures shrunk to a working resolution. Not for use by several threads at once."""

    def __init__(
        self,
        model: bytes,
        working_side: int = WORKING_SIDE,
        score_threshold: float = SCORE_THRESHOLD,
    ) -> None:
        """`model` is the ONNX file; pictures with a longer side than `working_side` are shrunk to it."""
        if working_side < 1:
            raise ValueError("working_side is not positive")
        if not 0 < score_threshold <= 1:
            raise ValueError("score_threshold is not within 0 and 1")
        self._working_side = working_side
        level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        try:  # OpenCV 5 warns at every start that its new engine runs on the processor, which is meant
            self._network = cv2.FaceDetectorYN.create(
                "onnx",
                np.frombuffer(model, np.uint8),
                np.empty(0, np.uint8),
                (working_side, working_side),
                score_threshold,
                _OVERLAP,
                _MOST_CANDIDATES,
            )
        except cv2.error as error:
            raise ModelError(
                "OpenCV cannot run the face detector", "Run: qaqpa-gate models verify"
            ) from error
        finally:
            cv2.utils.logging.setLogLevel(level)

    def detect(self, image: Image) -> list[Face]:
        """Faces in pixels of `image`, the largest first. Raises ImageError if it is not H x W x 3 uint8."""
        check_image(image)
        height, width = image.shape[:2]
        shrink = min(1.0, self._working_side / max(height, width))
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        small = image if shrink == 1.0 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        self._network.setInputSize(size)
        _, rows = self._network.detect(small)
        if rows is None:
            return []
        scale = np.asarray([width / size[0], height / size[1]], np.float32)
        faces = [_face(row, scale) for row in rows if np.isfinite(row).all()]
        return sorted(faces, key=lambda face: face.box[2] * face.box[3], reverse=True)


def check_image(image: Image) -> None:
    """Raise ImageError for what is not a picture as the rest of the code understands it."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise ImageError(
            f"a picture of shape {image.shape} and type {image.dtype} is not H x W x 3 with 8 bits",
            "Check the camera's pixel format",
        )


def _face(
    row: np.ndarray[tuple[int], np.dtype[np.float32]], scale: np.ndarray[tuple[int], np.dtype[np.float32]]
) -> Face:
    """One line of YuNet: box, five points, score; all in pixels of the shrunk picture."""
    left, top = row[0:2] * scale
    width, height = row[2:4] * scale
    # A pixel's centre lies half a pixel inside: points move with the centres, not with the corners.
    points = (row[4:14].reshape(5, 2) + 0.5) * scale - 0.5
    box = (float(left), float(top), float(width), float(height))
    return Face(box, points.astype(np.float32), float(row[14]))
