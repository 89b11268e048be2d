"""Loads the checks from the model store."""

from edge.errors import ModelError
from edge.vision.models.catalogue import CARRIED, ModelName
from edge.vision.models.store import Store, models_folder
from edge.vision.pad.minifasnet import THRESHOLD, MiniFASNets
from edge.vision.pad.pad import Pad
from edge.vision.pad.planarity import Planarity
from edge.vision.pad.surroundings import Surroundings

_REMEDY = "Bring the two files here as docs/pad.md says; until then the gate asks for the card first"


def load_networks(store: Store | None = None, threshold: float = THRESHOLD) -> MiniFASNets:
    """The networks alone. Raises ModelError where they are missing, damaged or cannot be run."""
    models = store or Store(models_folder())
    files = []
    for name in (ModelName.MINIFASNET_V2, ModelName.MINIFASNET_V1SE):
        try:
            files.append(models.load(CARRIED[name]))
        except ModelError as error:
            raise ModelError(error.args[0], _REMEDY) from error
    return MiniFASNets(files[0], files[1], threshold)


def load_pad(store: Store | None = None, threshold: float = THRESHOLD) -> Pad:
    """All checks, for a camera that stands still and a gate that asks for a turn of the head.

    Raises ModelError: never a Pad with a check left out.
    """
    return Pad((load_networks(store, threshold), Surroundings(), Planarity()))
