"""The PAD models as a gate would have them, for tests that run them; they skip where the files are absent."""

from functools import cache
from pathlib import Path

import pytest

from edge.vision.detect import Detector
from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.models.catalogue import CARRIED, CATALOGUE, ModelName
from edge.vision.models.install import convert
from edge.vision.models.store import State, Store, models_folder
from edge.vision.pad.both_ways import detect_both_ways

SHARED = Path(__file__).resolve().parents[3] / "shared" / "models"
PAD_MODELS = (ModelName.MINIFASNET_V2, ModelName.MINIFASNET_V1SE)


def shipped(name: ModelName) -> bytes:
    file = SHARED / CARRIED[name].wheel.file
    if not file.is_file():
        pytest.skip(f"{file.name} is not in the shared folder")
    return file.read_bytes()


def detector_model() -> bytes:
    store, yunet = Store(models_folder()), CATALOGUE[ModelName.YUNET]
    if store.state(yunet) is State.MISSING:
        pytest.skip("run make models")
    return store.load(yunet)


def detector() -> Detector:
    return Detector(detector_model())


def find_both_ways(image: Image) -> list[Face]:
    """As the challenge looks at a frame."""
    return detect_both_ways(_one_detector(), image)


@cache
def _one_detector() -> Detector:
    return detector()


def filled_store(folder: Path) -> Store:
    """A store with the detector and both networks."""
    store = Store(folder)
    folder.mkdir(exist_ok=True)
    for name in PAD_MODELS:
        store.put(CARRIED[name], convert(CARRIED[name], shipped(name)))
    store.put(CATALOGUE[ModelName.YUNET], detector_model())
    return store
