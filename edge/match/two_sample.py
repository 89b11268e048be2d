"""The two-sample test of Smirnov (1948) on binned scores: did two samples come from one distribution?

The p-value is the asymptotic one. For binned scores it errs on the safe side (Noether 1963).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.match.counts import EDGES, Histogram

Cdf = NDArray[np.float64]
"""Shape (bins,): share of the scores in bins up to and with this one."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Greatest distance of the two distributions, its p-value, and how far the median rose in score units."""

    distance: float
    p_value: float
    shift: float


def compare(before: Cdf, now: Cdf, n: float, m: float) -> Comparison:
    """Compare distributions that `n` and `m` scores speak for."""
    distance = float(np.abs(before - now).max())
    return Comparison(
        distance, p_value(distance * math.sqrt(n * m / (n + m))), _median(now) - _median(before)
    )


def cdf(histogram: Histogram) -> Cdf:
    """The empirical distribution of a histogram that is not empty."""
    shares: Cdf = np.cumsum(histogram) / histogram.sum()
    return shares


def p_value(distance: float) -> float:
    """Chance of a scaled distance as large where nothing changed: Kolmogorov's limiting distribution."""
    if distance < 0.2:  # 1 to twelve digits, where the series converges slowly
        return 1.0
    terms = (2 * (-1) ** (k - 1) * math.exp(-2 * (k * distance) ** 2) for k in range(1, 101))
    return min(1.0, max(0.0, math.fsum(terms)))


def _median(shares: Cdf) -> float:
    """In score units from the first bin on, by linear interpolation within the bin."""
    at = int(np.searchsorted(shares, 0.5))
    below = float(shares[at - 1]) if at else 0.0
    return (at + (0.5 - below) / (float(shares[at]) - below)) * float(EDGES[1] - EDGES[0])
