"""Several embedders as one: an optional engine for who would rather spend time than miss a child."""

from collections.abc import Sequence

import numpy as np

from edge.vision.embed import Embedder, Views
from edge.vision.face import Face, Metric, Vector
from edge.vision.frame import Image


class Fused:
    """The parts' unit vectors end to end, so that two of them have the mean of the parts' cosines.

    Equal weights: none were tuned.
    """

    metric = Metric.COSINE

    def __init__(self, parts: Sequence[Embedder]) -> None:
        self._parts = tuple(parts)
        self.name = "+".join(part.name for part in parts)
        self.dimension = sum(part.dimension for part in parts)

    def embed(self, image: Image, face: Face) -> Vector:
        """(dimension,) float32 of length 1. Raises ImageError as the parts do."""
        return _joined([part.embed(image, face) for part in self._parts])

    def views(self, image: Image, face: Face) -> Views:
        """To search with and to enrol. Raises ImageError as the parts do."""
        found = [part.views(image, face) for part in self._parts]
        return Views(_joined([one.probe for one in found]), _joined([one.reference for one in found]))


def _joined(vectors: Sequence[Vector]) -> Vector:
    unit: Vector = np.concatenate(vectors) / np.float32(np.sqrt(len(vectors)))
    return unit
