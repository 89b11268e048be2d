"""What was measured of the product, as the documents tell it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import RootModel

from edge.config import Settings

PATH = Path(__file__).parent / "figures.toml"


class Figure(Settings):
    """A number, the document in docs/, and the words in which it stands there."""

    value: float
    document: str
    stands: str


def _read() -> Mapping[str, Figure]:
    return RootModel[dict[str, Figure]].model_validate(tomllib.loads(PATH.read_text("utf-8"))).root


SOURCES: Mapping[str, Figure] = _read()
FIGURES: Mapping[str, float] = {name: figure.value for name, figure in SOURCES.items()}
