"""OpenCV Zoo's SFace, run by OpenCV."""

import numpy as np

from edge.vision.align import SFACE_CHIP, align
from edge.vision.detect import check_image
from edge.vision.embed import batch
from edge.vision.face import Face, Metric, Vector
from edge.vision.frame import Image
from edge.vision.opencv_network import open_network


class SFace:
    """Unit vectors, compared by cosine. Not for use by several threads at once."""

    name = "sface-2021dec"
    dimension = 128
    metric = Metric.COSINE

    def __init__(self, model: bytes, mirror: bool = False) -> None:
        """`mirror`: embed the crop's mirror image too and take the mean, at twice the time."""
        self._mirror = mirror
        self._network = open_network(model, "the SFace model", "Run: qaqpa-gate models verify")

    def embed(self, image: Image, face: Face) -> Vector:
        """(128,) float32 of length 1. Raises ImageError for a picture or landmarks that cannot be used."""
        check_image(image)
        self._network.setInput(batch(align(image, face.landmarks, SFACE_CHIP), self._mirror))
        total = self._network.forward().sum(axis=0)
        unit: Vector = total / np.linalg.norm(total)
        return unit
