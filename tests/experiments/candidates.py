"""Each embedder's network in every form and both runtimes, as something that turns crops into vectors."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as failures  # type: ignore[import-untyped]

from edge.errors import ModelError
from edge.vision.align import DLIB_CHIP, SFACE_CHIP, Chip, align
from edge.vision.detect import Detector
from edge.vision.embed import Batch, Views, batch
from edge.vision.engine_choice import EngineName
from edge.vision.face import Face, Metric, Vector
from edge.vision.frame import Image
from edge.vision.models.catalogue import ModelName
from edge.vision.onnx_session import open_session
from edge.vision.opencv_network import open_network
from tests.experiments.probes import PUPILS, System
from tests.experiments.variants import Form, made, only_input

DIMENSION = 128
_EVERY_PICTURE = 4  # of the pupils' 192, every fourth calibrates

Run = Callable[[Batch], NDArray[np.float32]]
"""n crops in, (n, 128) out."""


@dataclass(frozen=True, slots=True)
class Network:
    """An embedder; `own` is the runtime that the gate uses for it."""

    model: ModelName
    engine: EngineName
    system: System
    metric: Metric
    chip: Chip
    own: str
    forms: tuple[Form, ...]


SFACE = Network(
    ModelName.SFACE, EngineName.SFACE, System.SFACE, Metric.COSINE, SFACE_CHIP, "OpenCV", tuple(Form)
)
DLIB = Network(
    ModelName.DLIB,
    EngineName.DLIB,
    System.DLIB,
    Metric.EUCLIDEAN,
    DLIB_CHIP,
    "onnxruntime",
    # It has no PReLU, no depthwise convolution, and comes in float32.
    (Form.FLOAT32, Form.FLOAT16, Form.INT8, Form.INT8_SIGNED, Form.INT8_OPERATOR),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One network in one form and runtime; `takes_two`: whether two crops at once will do."""

    form: Form
    name: str
    metric: Metric
    megabytes: float
    takes_two: bool
    run: Run = field(repr=False)

    def vector(self, crop: Batch) -> Vector:
        """(128,), of length 1 where vectors are compared by cosine."""
        found = np.asarray(self.run(crop)[0], np.float32)
        return found / np.linalg.norm(found) if self.metric is Metric.COSINE else found


class Joined:
    """All candidates of a network as one embedder, vectors end to end: all of them see the same frames."""

    def __init__(self, network: Network, candidates: Sequence[Candidate]) -> None:
        self.name, self.metric = f"{network.model}, all forms", network.metric
        self.dimension = DIMENSION * len(candidates)
        self._chip, self._candidates = network.chip, candidates

    def embed(self, image: Image, face: Face) -> Vector:
        """(dimension,) float32."""
        crop = batch(align(image, face.landmarks, self._chip), mirror=False)
        return np.concatenate([candidate.vector(crop) for candidate in self._candidates])

    def views(self, image: Image, face: Face) -> Views:
        """The same to enrol and to search with: only the forms are compared here."""
        vector = self.embed(image, face)
        return Views(vector, vector)


def by_opencv(model: bytes) -> Run:
    """As the gate runs all but dlib's network."""
    network = open_network(model, "this form", "Leave it out")

    def run(pictures: Batch) -> NDArray[np.float32]:
        network.setInput(pictures)
        return np.array(network.forward(), np.float32)

    return run


def by_onnxruntime(model: bytes) -> Run:
    """As the gate runs dlib's network."""
    session = open_session(model, "this form", "Leave it out")
    name = session.get_inputs()[0].name

    def run(pictures: Batch) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {name: pictures})[0], np.float32)

    return run


RUNTIMES: dict[str, Callable[[bytes], Run]] = {"OpenCV": by_opencv, "onnxruntime": by_onnxruntime}


def candidates(
    network: Network, stored: bytes, shipped: bytes | None, crops: Sequence[Batch]
) -> Iterator[Candidate]:
    """All that run, the gate's own first; says which do not. `shipped` is the file in blocks, if at hand."""
    for form in network.forms:
        if form is Form.BLOCKS:
            if shipped is None:
                continue
            model = only_input(shipped, "data")
        else:
            model = made(form, stored, crops)
        for name in sorted(RUNTIMES, key=lambda runtime: runtime != network.own):
            try:
                run = RUNTIMES[name](model)
                run(crops[0])
            except (cv2.error, ModelError, failures.Fail) as error:
                print(f"{network.model}: {name} does not run {form} ({type(error).__name__})")
                continue
            two = _takes_two(run, crops[0])
            yield Candidate(form, f"{form}, {name}", network.metric, len(model) / 1e6, two, run)


def _takes_two(run: Run, crop: Batch) -> bool:
    """Whether it does, and the second does not change what comes out for the first."""
    try:
        both = run(np.concatenate([crop, crop[..., ::-1]]))
    except (cv2.error, failures.InvalidArgument):  # SFace's own graph says that there is one picture
        return False
    return len(both) == 2 and np.allclose(both[0], run(crop)[0], atol=1e-3)


def calibration(network: Network, detector: Detector) -> list[Batch]:
    """Crops of rendered pupils, who are nobody."""
    pictures = [_read(path) for path in sorted(PUPILS.glob("p*/*.jpg"))[::_EVERY_PICTURE]]
    found = [(picture, faces[0]) for picture in pictures if (faces := detector.detect(picture))]
    return [batch(align(picture, face.landmarks, network.chip), mirror=False) for picture, face in found]


def _read(path: Path) -> Image:
    picture = cv2.imread(str(path))
    assert picture is not None, path
    return np.asarray(picture, np.uint8)
