import pytest

from edge.vision.detect import Detector
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store
from tests.unit.models.installed import installed_store


@pytest.fixture(scope="session")
def store() -> Store:
    return installed_store()


@pytest.fixture(scope="session")
def detector(store: Store) -> Detector:
    return Detector(store.load(CATALOGUE[ModelName.YUNET]))
