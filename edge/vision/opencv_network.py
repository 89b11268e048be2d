"""Opens an ONNX model with OpenCV; how many threads it uses is OpenCV's setting for the whole process."""

import cv2
import numpy as np

from edge.errors import ModelError


def open_network(model: bytes, what: str, remedy: str) -> cv2.dnn.Net:
    """A network on the processor. Raises ModelError that names `what` and says `remedy`."""
    try:
        return cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    except cv2.error as error:
        raise ModelError(f"OpenCV cannot run {what}", remedy) from error
