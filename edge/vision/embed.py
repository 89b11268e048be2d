"""What an embedder is: from a face to a vector."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.vision.face import Face, Metric, Vector
from edge.vision.frame import Image

Batch = NDArray[np.float32]
"""Crops as (n, 3, side, side), RGB, 0 to 255."""


@dataclass(frozen=True, slots=True)
class Views:
    """One face twice: as it is searched for, and as it is enrolled; the two may be compared."""

    probe: Vector = field(repr=False)
    reference: Vector = field(repr=False)


class Embedder(Protocol):
    """Turns a face into a vector; vectors of embedders with different names must not be compared."""

    @property
    def name(self) -> str:
        """Which network and version: stored beside every template."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def metric(self) -> Metric:
        """How two vectors are compared."""

    def embed(self, image: Image, face: Face) -> Vector:
        """To search with: (dimension,) float32 of length 1. Raises ImageError where nothing can be used."""

    def views(self, image: Image, face: Face) -> Views:
        """The same, and the vector to enrol: with the mirrored crop in it. Raises ImageError likewise."""


def batch(crop: Image, mirror: bool) -> Batch:
    """The BGR crop as a network takes it, with `mirror` followed by the crop as a mirror shows it."""
    crops = [crop, crop[:, ::-1]] if mirror else [crop]
    return np.stack([one[:, :, ::-1].transpose(2, 0, 1) for one in crops]).astype(np.float32)
