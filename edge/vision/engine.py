"""The recognition engines: a detector and an embedder that belong together, and where to set the bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import cv2

from edge.errors import ModelError
from edge.match.threshold import NonMatedTail, Strictness
from edge.vision.detect import Detector
from edge.vision.embed import Embedder
from edge.vision.embed_fused import Fused
from edge.vision.embed_sface import SFace
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder


class EngineName(StrEnum):
    """As the configuration spells them."""

    SFACE = "sface"
    DLIB = "dlib"
    FUSED = "sface+dlib"


EMBEDDING: Mapping[EngineName, tuple[ModelName, ...]] = MappingProxyType(
    {
        EngineName.SFACE: (ModelName.SFACE,),
        EngineName.DLIB: (ModelName.DLIB,),
        EngineName.FUSED: (ModelName.SFACE, ModelName.DLIB),
    }
)
"""The networks that make an engine's vectors."""


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
# frames, and mean vectors of their best three, ask for 0.01 to 0.07 less with 1,000 enrolled. What half of
# the people foretold held for the other half with 25 and 50 enrolled (docs/calibration.md). More is
# extrapolation. Nothing was measured on children, and other cameras and people move all figures.
#
# `least` is what the tail asks for with 100 enrolled; a smaller gallery would be given what was never tried.
# `margin`: 19 in 20 strangers have a smaller gap between the best two. On these portraits it cost no mated
# search: own minus best other of 102 was at least 0.34 with SFace, 0.10 with dlib, 0.20 with both.
#
# The mirrored crop: with SFace only in what is enrolled, where its time does not count; with dlib, for 8 ms,
# in both; in the fused engine, for those who would rather spend time than miss a child, everywhere
# (docs/recognition.md). By raw distance, as face_recognition compares, its tolerance of 0.6 gave an FMR of
# 8e-3 here: 37 % of strangers matched.
DEFAULTS: Mapping[EngineName, Strictness] = MappingProxyType(
    {
        EngineName.SFACE: Strictness(FPIR, 0.10, least=0.55, tails=(NonMatedTail(0.32, 0.01548, 0.0368),)),
        EngineName.DLIB: Strictness(FPIR, 0.06, least=0.75, tails=(NonMatedTail(0.58, 0.01801, 0.0267),)),
        EngineName.FUSED: Strictness(FPIR, 0.06, least=0.74, tails=(NonMatedTail(0.60, 0.01980, 0.0218),)),
    }
)


def load_engine(name: EngineName, threads: int = 1, *, store: Store | None = None) -> Engine:
    """Load the models of one engine from the store. `threads` also becomes OpenCV's, process-wide.

    Raises ModelError for a model that is missing or not the catalogue's, or a package not installed.
    """
    models = store or Store(models_folder())
    cv2.setNumThreads(threads)
    detector = Detector(models.load(CATALOGUE[ModelName.YUNET]))
    parts = [_embedder(part, models, threads, mirror=len(EMBEDDING[name]) > 1) for part in EMBEDDING[name]]
    return Engine(detector, parts[0] if len(parts) == 1 else Fused(parts))


def _embedder(name: ModelName, models: Store, threads: int, *, mirror: bool) -> Embedder:
    if name is ModelName.SFACE:
        return SFace(models.load(CATALOGUE[ModelName.SFACE]), mirror)
    return _dlib_embedder(models, threads)


def _dlib_embedder(models: Store, threads: int) -> Embedder:
    try:
        # Imported here: a gate with the SFace engine need not have onnxruntime.
        from edge.vision.embed_dlib import DlibResNet  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(
            "this engine needs the Python package onnxruntime", "Run: pip install 'qaqpa[gate]'"
        ) from error
    return DlibResNet(models.load(CATALOGUE[ModelName.DLIB]), mirror=True, threads=threads)
