"""dlib's face ResNet as an ONNX graph: face_recognition's descriptors without dlib."""

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from onnxruntime.capi import onnxruntime_pybind11_state as failures  # type: ignore[import-untyped]

from edge.errors import ModelError
from edge.vision.align import DLIB_CHIP, align
from edge.vision.detect import check_image
from edge.vision.embed import batch
from edge.vision.face import Face, Metric, Vector
from edge.vision.frame import Image


class DlibResNet:
    """Raw descriptors, compared by distance: face_recognition's tolerance 0.6 is a score of 0.4."""

    name = "dlib-resnet-v1"
    dimension = 128
    metric = Metric.EUCLIDEAN

    def __init__(self, model: bytes, mirror: bool = False, threads: int = 1) -> None:
        """`mirror`: embed the crop's mirror image too and take the mean, at twice the time."""
        self._mirror = mirror
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Idle workers that spin take the processor from the camera and from other sessions.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except (
            failures.Fail,
            failures.InvalidProtobuf,
            failures.InvalidGraph,
            failures.NotImplemented,
        ) as error:
            raise ModelError(
                "onnxruntime cannot run the dlib model", "Run: qaqpa-gate models verify"
            ) from error

    def embed(self, image: Image, face: Face) -> Vector:
        """(128,) float32. Raises ImageError for a picture or landmarks that cannot be used."""
        check_image(image)
        return self.embed_chip(align(image, face.landmarks, DLIB_CHIP))

    def embed_chip(self, chip: Image) -> Vector:
        """As `embed`, for a 150 x 150 BGR chip that is already aligned."""
        (descriptors,) = self._session.run(["descriptor"], {"image": batch(chip, self._mirror)})
        mean: Vector = descriptors.mean(axis=0, dtype=np.float32)
        return mean
