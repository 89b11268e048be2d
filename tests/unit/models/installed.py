"""The installed models, for tests that run them."""

import os
from pathlib import Path

import pytest

from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.fetch import Folder
from edge.vision.models.store import State, Store, models_folder


def installed_store() -> Store:
    store = Store(models_folder())
    if any(store.state(model) is State.MISSING for model in CATALOGUE.values()):
        pytest.skip("run make models")
    return store


def shipped_file(name: ModelName) -> bytes:
    folder = os.environ.get("QAQPA_WHEELS")
    if folder is None:
        pytest.skip("set QAQPA_WHEELS to a folder with the wheels that `qaqpa-gate models list` names")
    return Folder(Path(folder)).shipped(CATALOGUE[name])


def dlib_shipped_file() -> bytes:
    packaged = pytest.importorskip("face_recognition_models")
    return Path(packaged.face_recognition_model_location()).read_bytes()
