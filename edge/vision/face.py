"""What a detector finds and what an embedder makes of it."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""One face embedding, shape (d,), of length 1."""


class Metric(StrEnum):
    """How two unit vectors of an engine are compared; scores are similarities, larger is more alike.

    COSINE: the inner product. EUCLIDEAN: 1 - distance. They order pairs alike; dlib's cosines lie so close
    together that the distance is the better scale.
    """

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"


@dataclass(frozen=True, slots=True)
class Face:
    """A detected face in pixels of its picture.

    `box` is x, y, width, height; `landmarks` is (5, 2) float32: the eye, nose tip and mouth corners in the
    order of YuNet (right eye, left eye, nose, right mouth corner, left mouth corner of the person).
    """

    box: tuple[float, float, float, float]
    landmarks: NDArray[np.float32] = field(repr=False)
    score: float
