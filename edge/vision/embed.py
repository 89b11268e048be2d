"""From a face to a vector: what an embedder is, and the two there are."""

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.vision.align import DLIB_CHIP, SFACE_CHIP, align, mirrored
from edge.vision.detect import check_image
from edge.vision.face import Face, Metric, Vector
from edge.vision.frame import Image

_REMEDY = "Run: qaqpa-gate models verify"

Batch = NDArray[np.float32]
"""Crops as (n, 3, side, side), RGB, 0 to 255."""


class Embedder(Protocol):
    """Turns a face into a vector; vectors of different `name` or `mirror` setting must not be compared."""

    name: str
    dimension: int
    metric: Metric

    def embed(self, image: Image, face: Face) -> Vector:
        """(dimension,) float32. Raises ImageError for a picture or landmarks that cannot be used."""


class SFace:
    """OpenCV Zoo's SFace, run by OpenCV; unit vectors. Not for use by several threads at once."""

    name = "sface-2021dec"
    dimension = 128
    metric = Metric.COSINE

    def __init__(self, model: bytes, mirror: bool = False) -> None:
        """`mirror`: embed the crop's mirror image too and take the mean, at twice the time."""
        self._mirror = mirror
        try:
            self._network = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
        except cv2.error as error:
            raise ModelError("OpenCV cannot run the SFace model", _REMEDY) from error

    def embed(self, image: Image, face: Face) -> Vector:
        """(128,) float32 of length 1."""
        check_image(image)
        total = np.zeros(self.dimension, np.float32)
        for crop in _batch(align(image, face.landmarks, SFACE_CHIP), self._mirror):
            self._network.setInput(crop[np.newaxis])
            total += self._network.forward()[0]
        unit: Vector = total / np.linalg.norm(total)
        return unit


class DlibResNet:
    """dlib's face ResNet as an ONNX graph; the raw descriptor, as face_recognition gives it."""

    name = "dlib-resnet-v1"
    dimension = 128
    metric = Metric.EUCLIDEAN

    def __init__(self, model: bytes, mirror: bool = False, threads: int = 1) -> None:
        """`mirror`: embed the crop's mirror image too and take the mean, at twice the time."""
        # Imported here: a gate with the SFace engine need not have onnxruntime.
        import onnxruntime  # noqa: PLC0415

        self._mirror = mirror
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Idle workers that spin take the processor from the camera and the other engine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except onnxruntime.capi.onnxruntime_pybind11_state.Fail as error:
            raise ModelError("onnxruntime cannot run the dlib model", _REMEDY) from error

    def embed(self, image: Image, face: Face) -> Vector:
        """(128,) float32, about 1.4 long at most."""
        check_image(image)
        return self.embed_crop(align(image, face.landmarks, DLIB_CHIP))

    def embed_crop(self, crop: Image) -> Vector:
        """As `embed`, for a 150 x 150 BGR chip that is already aligned."""
        (descriptors,) = self._session.run(["descriptor"], {"image": _batch(crop, self._mirror)})
        mean: Vector = descriptors.mean(axis=0, dtype=np.float32)
        return mean


def _batch(crop: Image, mirror: bool) -> Batch:
    crops = [crop, mirrored(crop)] if mirror else [crop]
    return np.stack([one[:, :, ::-1].transpose(2, 0, 1) for one in crops]).astype(np.float32)
