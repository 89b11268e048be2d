"""OpenCV Zoo's SFace, run by OpenCV."""

import numpy as np

from edge.vision.align import SFACE_CHIP, align
from edge.vision.detect import check_image
from edge.vision.embed import Views, batch
from edge.vision.face import Face, Metric, Vector
from edge.vision.frame import Image
from edge.vision.opencv_network import open_network


class SFace:
    """Unit vectors, compared by cosine. Not for use by several threads at once."""

    name = "sface-2021dec"
    dimension = 128
    metric = Metric.COSINE

    def __init__(self, model: bytes, mirror: bool = False) -> None:
        """`mirror`: search with the crop's mirror image too, at twice the time; enrolment always does."""
        self._mirror = mirror
        self._network = open_network(model, "the SFace model", "Run: qaqpa-gate models verify")

    def embed(self, image: Image, face: Face) -> Vector:
        """(128,) float32 of length 1. Raises ImageError for a picture or landmarks that cannot be used."""
        return _unit(np.sum(self._outputs(image, face, self._mirror), axis=0))

    def views(self, image: Image, face: Face) -> Views:
        """To search with and to enrol. Raises ImageError as `embed`."""
        plain, mirrored = self._outputs(image, face, mirror=True)
        reference = _unit(plain + mirrored)
        return Views(reference if self._mirror else _unit(plain), reference)

    def _outputs(self, image: Image, face: Face, mirror: bool) -> list[Vector]:
        check_image(image)
        self._network.setInput(batch(align(image, face.landmarks, SFACE_CHIP), mirror))
        return list(self._network.forward().copy())


def _unit(vector: Vector) -> Vector:
    unit: Vector = vector / np.linalg.norm(vector)
    return unit
