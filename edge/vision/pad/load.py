"""Loads the checks from the model store."""

from collections.abc import Collection

from edge.errors import ModelError
from edge.vision.models.catalogue import CARRIED, ModelName
from edge.vision.models.store import Store, models_folder
from edge.vision.pad.check import THRESHOLD, Check, CheckName
from edge.vision.pad.minifasnet import MiniFASNets
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


def load_pad(
    store: Store | None = None,
    threshold: float = THRESHOLD,
    *,
    depth: bool = False,
    unsafe_leave_out: Collection[CheckName] = (),
) -> Pad:
    """The checks, for a camera that stands still. Raises ModelError: no check is left out in silence.

    `depth` adds the one that refuses paper faces and asks people to turn their head. `unsafe_leave_out` is
    for demonstrations with rendered faces and a simulated turnstile only.
    """
    checks: list[Check] = []
    if CheckName.MINIFASNET not in unsafe_leave_out:
        checks.append(load_networks(store, threshold))
    if CheckName.SURROUNDINGS not in unsafe_leave_out:
        checks.append(Surroundings())
    if depth:
        checks.append(Planarity())
    return Pad(tuple(checks))
