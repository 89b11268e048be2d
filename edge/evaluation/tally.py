"""Counts of scores per person on a fixed scale, and the error rates and intervals that follow from them."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Weights = NDArray[np.float32]
"""How often each replicate of the bootstrap drew each person, shape (replicates, people)."""

STEP = 0.0005
EDGES: Floats = np.round(np.arange(-1, 1 + 1.5 * STEP, STEP), 4)
"""The thresholds that are tried. The last one lies above every score: nothing passes it."""
EDGES.flags.writeable = False

REPLICATES = 1000
_BLOCK = 100
_SLACK = 1e-9  # 0.003 * 1000 is 3 for this purpose, whatever the processor says


@dataclass(frozen=True, slots=True)
class Tally:
    """`counts` (people, thresholds + 1): scores of each person at or above so many thresholds."""

    counts: NDArray[np.uint32] = field(repr=False)

    @classmethod
    def empty(cls, people: int) -> Self:
        """Nothing counted yet."""
        return cls(np.zeros((people, len(EDGES) + 1), np.uint32))

    def add(self, owner: NDArray[np.intp], scores: NDArray[np.floating]) -> None:
        """Count scores; -inf stands for one that no threshold accepts. Shapes are equal."""
        passed = np.searchsorted(EDGES, scores.astype(np.float64), side="right")
        np.add.at(self.counts, (owner, passed), np.uint32(1))

    @property
    def total(self) -> int:
        """Scores counted."""
        return int(self.counts.sum(dtype=np.int64))

    @property
    def people(self) -> int:
        """People with at least one score."""
        return int(self.counts.any(axis=1).sum())

    def accepted(self) -> Floats:
        """Share of scores at or above each threshold; NaN without scores."""
        shares: Floats = _accepted(self.counts.sum(axis=0, dtype=np.int64)[np.newaxis])[0]
        return shares

    def resampled(self, weights: Weights) -> Floats:
        """`accepted` in each replicate, (replicates, thresholds)."""
        blocks = np.array_split(weights, max(1, len(weights) // _BLOCK))
        people, places = self.counts.any(axis=1), self.counts.any(axis=0)
        counts = self.counts[np.ix_(people, places)].astype(np.float32)  # most places of the scale are empty
        shares = []
        for block in blocks:
            drawn = np.zeros((len(block), self.counts.shape[1]), np.float32)
            drawn[:, places] = block[:, people] @ counts
            shares.append(_accepted(drawn))
        return np.concatenate(shares)


def _accepted(counts: NDArray[np.generic]) -> Floats:
    """Shares from counts (rows, thresholds + 1)."""
    beyond = np.cumsum(counts[:, ::-1].astype(np.float64), axis=1)[:, ::-1]
    with np.errstate(invalid="ignore"):
        shares: Floats = beyond[:, 1:] / beyond[:, :1]
    return shares


def draw_people(people: int, seed: int, replicates: int = REPLICATES) -> Weights:
    """Draw as many people as there are, with replacement, once a replicate (Efron's bootstrap)."""
    generator = np.random.default_rng([seed, people])
    return generator.multinomial(people, np.full(people, 1 / people), replicates).astype(np.float32)


def threshold_at(false_accepts: Floats, wanted: float) -> NDArray[np.intp]:
    """Index of the lowest threshold with at most the wanted share of false accepts, in the last axis."""
    return np.asarray((false_accepts <= wanted + _SLACK).argmax(axis=-1), np.intp)


def index_of(threshold: float) -> int:
    """Index of the lowest threshold tried that is at least this one."""
    return min(int(np.searchsorted(EDGES, threshold - _SLACK)), len(EDGES) - 1)


def at(shares: Floats, index: NDArray[np.intp]) -> Floats:
    """The share at each replicate's own threshold: (replicates, thresholds) and (replicates,)."""
    picked: Floats = np.take_along_axis(shares, index[:, np.newaxis], axis=1)[:, 0]
    return picked


Interval = tuple[float, float]


def interval(point: float, replicates: Floats, people: int) -> Interval:
    """95 % interval: percentiles of the replicates, never without the point itself.

    Where hardly an error (or hardly anything else) was seen the replicates agree, which proves nothing: no
    end is closer to 0 or 1 than the exact binomial bound of so many people without one error allows
    (Clopper and Pearson; ISO/IEC 19795-1 gives it as the "rule of 3").
    """
    usable = replicates[np.isfinite(replicates)]
    low, high = np.percentile(usable, (2.5, 97.5)) if len(usable) else (0.0, 1.0)
    bound = 1 - 0.025 ** (1 / max(people, 1))
    return float(min(low, point, 1 - bound)), float(max(high, point, bound))
