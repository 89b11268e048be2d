import pytest

from edge.vision.detect import Detector
from edge.vision.models.catalogue import CATALOGUE, ModelName
from tests.unit.models.installed import installed_store


@pytest.fixture(scope="session")
def detector() -> Detector:
    return Detector(installed_store().load(CATALOGUE[ModelName.YUNET]))
