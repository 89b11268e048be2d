"""dlib's face ResNet as an ONNX graph: face_recognition's descriptors without dlib, brought to length 1."""

import numpy as np

from edge.vision.align import DLIB_CHIP, align
from edge.vision.detect import check_image
from edge.vision.embed import Views, batch
from edge.vision.face import Face, Metric, Vector
from edge.vision.frame import Image
from edge.vision.onnx_session import open_session


class DlibResNet:
    """Compared by distance, as face_recognition does, but of unit vectors.

    A descriptor's length says how good the picture is, not who is on it: about 1.47 for a good one. Without
    it fewer are missed (docs/recognition.md).
    """

    name = "dlib-resnet-v1"
    dimension = 128
    metric = Metric.EUCLIDEAN

    def __init__(self, model: bytes, mirror: bool = False, threads: int = 1) -> None:
        """`mirror`: search and enrol with the crop's mirror image too, at twice the time."""
        self._mirror = mirror
        self._session = open_session(model, "the dlib model", "Run: qaqpa-gate models verify", threads)

    def embed(self, image: Image, face: Face) -> Vector:
        """(128,) float32 of length 1. Raises ImageError for a picture or landmarks that cannot be used."""
        check_image(image)
        descriptor = self.embed_chip(align(image, face.landmarks, DLIB_CHIP))
        unit: Vector = descriptor / np.linalg.norm(descriptor)
        return unit

    def views(self, image: Image, face: Face) -> Views:
        """Twice the same vector. Raises ImageError as `embed`."""
        vector = self.embed(image, face)
        return Views(vector, vector)

    def embed_chip(self, chip: Image) -> Vector:
        """dlib's own descriptor of a 150 x 150 BGR chip that is already aligned, as long as it is."""
        (descriptors,) = self._session.run(["descriptor"], {"image": batch(chip, self._mirror)})
        mean: Vector = descriptors.mean(axis=0, dtype=np.float32)
        return mean
