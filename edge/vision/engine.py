"""The two recognition engines: a detector and an embedder that belong together, and where to set the bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import cv2

from edge.errors import ModelError
from edge.match.threshold import NonMatedTail, Strictness
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


FPIR = 0.003
"""Share of strangers that may match somebody, unless a school asks for less (or accepts up to 1 %)."""

# Where to begin; a school calibrates each gate. From 20,604 non-mated pairs of portraits of 102 adults (Face
# Research Lab London Set, neutral and smiling), by tests/experiments/tails.py, which says how. Of what a gate
# searches with, portraits gave the strictest tail: in good, equal light strangers are most alike. Spoilt
# frames, and mean vectors of their best three, ask for 0.06 to 0.16 less with 1,000 enrolled. What half of
# the people foretold held for the other half with 25 and 50 enrolled (docs/calibration.md). More is
# extrapolation. Nothing was measured on children, and other cameras and people move all figures.
#
# `least` and `margin` were chosen on the same portraits, and on the smiling ones spoilt mildly. Lowest mated
# score: SFace 0.83 and 0.60, dlib 0.55 and 0.49. Own minus best other of 102, lowest: 0.34 and 0.23, 0.12 and
# 0.00. Of all strangers 19 in 20 have a gap under the margin; it cost no mated SFace search.
#
# The mirrored crop raises the lowest 5 % of mated SFace scores by 0.02 at no gain in FMR, for twice the time;
# with dlib it lowers the FNMR of the spoilt pictures from 17 to 10 %, for 8 ms, and is worth it there.
# face_recognition's tolerance of 0.6, a score of 0.4, gave an FMR of 8e-3 here: 37 % of strangers matched.
DEFAULTS: Mapping[EngineName, Strictness] = MappingProxyType(
    {
        EngineName.SFACE: Strictness(FPIR, 0.10, least=0.55, tails=(NonMatedTail(0.32, 0.01422, 0.0384),)),
        EngineName.DLIB: Strictness(FPIR, 0.08, least=0.57, tails=(NonMatedTail(0.37, 0.01917, 0.0520),)),
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
