"""Scores and verdicts of a search; nothing here prints a score."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edge.domain.ids import ChildId
from edge.vision.face import Metric, Vector


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
class Match:
    """Result of one search; `child` only for a match."""

    verdict: Verdict
    child: ChildId | None = None
    score: float = field(default=float("-inf"), repr=False)
    runner_up: float = field(default=float("-inf"), repr=False)


def score_of(one: Vector, other: Vector, metric: Metric) -> float:
    """How alike two vectors of one engine are, 1:1; larger is more alike."""
    return float(similarity(np.asarray(one @ other, np.float32), metric))
