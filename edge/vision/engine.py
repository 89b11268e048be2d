"""The two recognition engines: a detector and an embedder that belong together, and where to set the bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import cv2

from edge.errors import ModelError
from edge.match.score import OperatingPoint
from edge.vision.detect import Detector
from edge.vision.embed import Embedder
from edge.vision.embed_sface import SFace
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder


class EngineName(StrEnum):
    """As the configuration spells them."""

    SFACE = "sface"
    DLIB = "dlib"


@dataclass(frozen=True, slots=True)
class Engine:
    """Finds faces and turns them into vectors; belongs to one thread."""

    detector: Detector
    embedder: Embedder


# Where to begin; a school calibrates each gate. Measured with this code on 204 portraits of 102 adults (Face
# Research Lab London Set, neutral and smiling: 102 mated and 20,604 non-mated pairs), then once more with
# the smiling ones spoilt: faces of 76 to 109 pixels in a 640 x 480 JPEG, tilted, blurred, noisy, down to a
# third of the light. Nothing here was measured on children, and other cameras and people move all figures.
#
#                                    SFace      SFace spoilt   dlib       dlib spoilt
#   mated score, lowest, median      0.83 0.92  0.60 0.81      0.55 0.76  0.49 0.63
#   non-mated score, p99.9, highest  0.41 0.55  0.41 0.52      0.50 0.57  0.49 0.65
#   FMR at the threshold             5e-5       0 of 20,604    0          1e-4
#   FNMR at the threshold            0          0              1 %        17 %
#   own minus best other of 102      0.34       0.23           0.12       0.00 (lowest of 102 searches)
#   stranger's best minus second     0.10       0.09           0.08       0.08 (95th percentile)
#
# The thresholds were chosen on these same pictures, and none of 20,604 pairs of the same 102 people bounds
# the FMR to about 1.5e-4 at best: a beginning, no more. Of all strangers 19 in 20 have a gap under the
# margin; too few passed the threshold to say how many of those it holds back. It cost no mated SFace search.
# The mirrored crop raises the lowest 5 % of mated SFace scores by 0.02 at no gain in FMR, for twice the time;
# with dlib it lowers the FNMR of the spoilt pictures from 17 to 10 %, for 8 ms, and is worth it there.
# face_recognition's tolerance of 0.6, a score of 0.4, gave an FMR of 8e-3 here: 37 % of strangers matched.
DEFAULTS: Mapping[EngineName, OperatingPoint] = MappingProxyType(
    {
        EngineName.SFACE: OperatingPoint(threshold=0.55, margin=0.10),
        EngineName.DLIB: OperatingPoint(threshold=0.57, margin=0.08),
    }
)


def load_engine(name: EngineName, threads: int = 1, *, store: Store | None = None) -> Engine:
    """Load the models of one engine from the store. `threads` also becomes OpenCV's, process-wide.

    The mirrored crop is averaged in where it earns its time: with dlib, not with SFace (table above).

    Raises ModelError for a model that is missing or not the catalogue's, or a package not installed.
    """
    models = store or Store(models_folder())
    cv2.setNumThreads(threads)
    detector = Detector(models.load(CATALOGUE[ModelName.YUNET]))
    if name is EngineName.SFACE:
        return Engine(detector, SFace(models.load(CATALOGUE[ModelName.SFACE])))
    return Engine(detector, _dlib_embedder(models, threads))


def _dlib_embedder(models: Store, threads: int) -> Embedder:
    try:
        # Imported here: a gate with the SFace engine need not have onnxruntime.
        from edge.vision.embed_dlib import DlibResNet  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(
            "the dlib engine needs the Python package onnxruntime", "Run: pip install 'qaqpa[gate]'"
        ) from error
    return DlibResNet(models.load(CATALOGUE[ModelName.DLIB]), mirror=True, threads=threads)
