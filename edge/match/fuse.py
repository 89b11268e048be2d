"""The best frames of one person become one probe: pure functions, no picture is kept.

A frame is embedded while it is the newest, or never. What was compared, and why the mean vector of the best
three frames is what is left: docs/recognition.md. The mean is searched anew in the gallery of the moment, so
that nothing of a child whose consent was withdrawn lives on in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.vision.face import Vector

KEPT = 3
"""Frames of a track that count: more cost time and were no better (measured on mean scores)."""


@dataclass(frozen=True, slots=True)
class Look:
    """One embedded frame: the face's quality, 0 to 1, its vector as the embedder gave it, and its time.

    `at` is seconds of the monotonic clock.
    """

    quality: float
    vector: Vector = field(repr=False)
    at: float = 0.0


def best_looks(looks: Sequence[Look], count: int = KEPT) -> tuple[Look, ...]:
    """The looks that count, best first; of equal ones the newer. The rest may be forgotten."""
    return tuple(sorted(reversed(looks), key=lambda look: -look.quality)[:count])


def worth_embedding(looks: Sequence[Look], quality: float, count: int = KEPT) -> bool:
    """Whether a frame of this quality would count; embedding is the dearest stage of all."""
    return len(looks) < count or quality > best_looks(looks, count)[-1].quality


def probe(looks: Sequence[Look], count: int = KEPT) -> Vector:
    """The mean vector of the best looks, of length 1.

    Its length before tells how alike the frames are; scaling that away is its gain over a mean of scores.
    Raises ValueError without looks, or for vectors that cancel out.
    """
    if not looks:
        raise ValueError("there is no look to take a mean of")
    vectors = np.stack([look.vector for look in best_looks(looks, count)])
    mean: Vector = vectors.mean(axis=0, dtype=np.float32)
    found = unit(mean)
    if not found.any():
        raise ValueError("the vectors of a track cancel out")
    return found


def unit(means: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean vectors (..., d) at length 1; one that cancels out becomes 0, which is nobody's."""
    lengths = np.linalg.norm(means, axis=-1, keepdims=True)
    scaled: NDArray[np.float32] = np.divide(means, lengths, out=np.zeros_like(means), where=lengths > 0)
    return scaled
