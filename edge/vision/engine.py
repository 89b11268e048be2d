"""A recognition engine, loaded: a detector and an embedder that belong together."""

from dataclasses import dataclass

import cv2

from edge.errors import ModelError
from edge.vision.detect import Detector
from edge.vision.embed import Embedder
from edge.vision.embed_fused import Fused
from edge.vision.embed_sface import SFace
from edge.vision.engine_choice import EMBEDDING, EngineName
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder


@dataclass(frozen=True, slots=True)
class Engine:
    """Finds faces and turns them into vectors; belongs to one thread."""

    detector: Detector
    embedder: Embedder


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
