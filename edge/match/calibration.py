"""From a gate's score counts to a threshold for a wanted false positive identification rate.

A stranger is let in when the best of all enrolled people reaches the threshold. For everyone the gate
recognised, the best score of the *others* is such a search by somebody who is not them: these counts give
FPIR at the gallery's real size, with the gate's own camera, light and people (ISO/IEC 19795-1, open set).
"""

from dataclasses import dataclass

import numpy as np

from edge.match.counts import EDGES, Histogram, ScoreCounts

Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95 % confidence interval (Wilson score interval, 1927)."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """The point estimate."""
        return self.hits / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound; everything is possible without data."""
        if not self.of:
            return 0.0, 1.0
        n, p = self.of, self.share
        centre = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
        half = Z95 / (1 + Z95**2 / n) * float(np.sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n)))
        return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A threshold with what it would mean; `enough` is false where the counts cannot carry the claim."""

    threshold: float
    fpir: Rate
    recognised_lost: Rate
    enough: bool


def at_or_above(histogram: Histogram, threshold: float) -> Rate:
    """Share of counted scores in bins from `threshold` on."""
    first = int(np.searchsorted(EDGES[:-1], threshold - 1e-9))
    return Rate(int(histogram[first:].sum()), int(histogram.sum()))


def below(histogram: Histogram, threshold: float) -> Rate:
    """Share of counted scores below `threshold`."""
    above = at_or_above(histogram, threshold)
    return Rate(above.of - above.hits, above.of)


def for_larger_gallery(fpir: float, enrolled: int, wanted: int) -> float:
    """FPIR when the gallery grows: each of `wanted` people is another chance for a stranger."""
    return float(1 - (1 - fpir) ** (wanted / enrolled))


def for_present_gallery(fpir: float, enrolled: int, wanted: int) -> float:
    """What FPIR must be now for it to be `fpir` once `wanted` people are enrolled."""
    return for_larger_gallery(fpir, wanted, enrolled)


def propose(counts: ScoreCounts, fpir: float, gallery: int | None = None) -> Proposal:
    """The lowest threshold whose FPIR is at most `fpir`, for the present gallery or a larger one."""
    target = fpir if gallery is None else for_present_gallery(fpir, max(counts.gallery, 1), gallery)
    reached = np.array([at_or_above(counts.rivals, edge).hits for edge in EDGES])
    allowed = target * counts.rivals.sum()
    threshold = float(EDGES[int(np.argmax(reached <= allowed))])
    rate = at_or_above(counts.rivals, threshold)
    # With n searches no rate below about 3 / n can be told from zero (rule of three).
    return Proposal(threshold, rate, below(counts.accepted, threshold), counts.rivals.sum() * target >= 3)
