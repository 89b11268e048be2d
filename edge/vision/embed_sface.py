"""OpenCV Zoo's SFace, run by OpenCV."""

import cv2
import numpy as np

from edge.errors import ModelError
from edge.vision.align import SFACE_CHIP, align
from edge.vision.detect import check_image
from edge.vision.embed import batch
from edge.vision.face import Face, Metric, Vector
from edge.vision.frame import Image


class SFace:
    """Unit vectors, compared by cosine. Not for use by several threads at once."""

    name = "sface-2021dec"
    dimension = 128
    metric = Metric.COSINE

    def __init__(self, model: bytes, mirror: bool = False) -> None:
        """`mirror`: embed the crop's mirror image too and take the mean, at twice the time."""
        self._mirror = mirror
        try:
            self._network = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
        except cv2.error as error:
            raise ModelError("OpenCV cannot run the SFace model", "Run: qaqpa-gate models verify") from error

    def embed(self, image: Image, face: Face) -> Vector:
        """(128,) float32 of length 1. Raises ImageError for a picture or landmarks that cannot be used."""
        check_image(image)
        total = np.zeros(self.dimension, np.float32)
        for crop in batch(align(image, face.landmarks, SFACE_CHIP), self._mirror):
            self._network.setInput(crop[np.newaxis])
            total += self._network.forward()[0]
        unit: Vector = total / np.linalg.norm(total)
        return unit
