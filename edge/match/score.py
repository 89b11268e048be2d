"""Scores and verdicts of a search; nothing here prints a score."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.domain.ids import ChildId
from edge.vision.face import Metric


class Verdict(StrEnum):
    """What a search says."""

    MATCH = "match"
    AMBIGUOUS = "ambiguous"
    NO_MATCH = "no_match"


def similarity(products: NDArray[np.float32], metric: Metric) -> NDArray[np.float32]:
    """Scores from the inner products of unit vectors."""
    if metric is Metric.EUCLIDEAN:
        return 1 - np.sqrt(np.maximum(2 - 2 * products, 0))
    return products


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A match needs a score of at least `threshold`, and the next child at least `margin` below it."""

    threshold: float
    margin: float


@dataclass(frozen=True, slots=True)
class Match:
    """Result of one search; `child` only for a match."""

    verdict: Verdict
    child: ChildId | None = None
    score: float = field(default=float("-inf"), repr=False)
    runner_up: float = field(default=float("-inf"), repr=False)
