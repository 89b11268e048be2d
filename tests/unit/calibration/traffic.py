"""Made-up traffic of a gate: children with faces of their own, days with light of their own, strangers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from edge.match.counts import ScoreCounts
from edge.match.weeks import this_week

MONDAY = date(2026, 9, 7)
THRESHOLD = 0.55
Scores = NDArray[np.float64]


@dataclass
class School:
    """`children` who pass twice a school day; scores in the units of the gate.

    A score is the child's own mean, the day's light and noise together. `fallen` is taken off every score,
    `risen` added to every rival; `strangers` is how many of a hundred searches name nobody.
    """

    random: np.random.Generator
    children: int = 150
    fallen: float = 0.0
    risen: float = 0.0
    strangers: float = 3.0

    def __post_init__(self) -> None:
        self.means = self.random.normal(0.82, 0.05, self.children)

    def a_day(self, counts: ScoreCounts, day: date, threshold: float = THRESHOLD) -> None:
        """Count the searches of a day."""
        light = self.random.normal(0, 0.012)
        tops = np.repeat(self.means, 2) + light - self.fallen
        tops += self.random.normal(0, 0.05, len(tops))
        rivals = self.rivals(len(tops)) + light / 2 + self.risen
        blocks = (counts, this_week(counts, day, threshold))
        for top, rival in zip(np.clip(tops, -0.99, 0.99), rivals, strict=True):
            for each in blocks:
                if top >= threshold:
                    each.recognised(float(top), float(rival), self.children)
                else:
                    each.unknown(float(top), self.children)
        for score in self.rivals(self.random.poisson(len(tops) * self.strangers / 100)):
            for each in blocks:
                each.unknown(float(min(score, threshold - 0.01)), self.children)

    def rivals(self, count: int) -> Scores:
        """The best of all others: the greatest of that many normal scores, drawn by its distribution."""
        # The u-th quantile of the best of n is the u ** (1 / n)-th of one; 0.05 + 0.1 z is a non-mated score.
        tail = -np.expm1(np.log(self.random.uniform(size=count)) / max(self.children - 1, 1))
        return 0.05 + 0.1 * _normal_from_tail(tail)


def school_days(weeks: int, first: date = MONDAY) -> Iterator[date]:
    """Mondays to Fridays."""
    for week in range(weeks):
        for day in range(5):
            yield first + timedelta(weeks=week, days=day)


def _normal_from_tail(tail: Scores) -> Scores:
    grid = np.linspace(-8, 8, 4001)
    density = np.exp(-(grid**2) / 2)
    above = np.cumsum(density[::-1])[::-1] / density.sum()
    found: Scores = np.interp(tail, above[::-1], grid[::-1])
    return found


def passages(
    random: np.random.Generator, means: Scores, noise: float = 0.05, light: float = 0.015
) -> list[float]:
    """One child's scores around these means: ten passages share a week's light, each has its own noise."""
    weeks = np.repeat(random.normal(0, light, len(means) // 10 + 1), 10)[: len(means)]
    scores = means + weeks + random.normal(0, noise, len(means))
    return [float(score) for score in np.clip(scores, -0.99, 0.99)]
