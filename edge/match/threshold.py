"""A threshold stated as a false positive identification rate, derived for the gallery's real size.

A stranger is let in when the best of everyone enrolled reaches the threshold, so with each child more is
enrolled the same threshold lets in more strangers. What is known of an engine is therefore not a threshold
but how the scores of two different people tail off; the threshold follows from it, the size and the rate.
"""

from dataclasses import dataclass
from math import exp, expm1, isfinite, log, log1p


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A match needs a score of at least `threshold`, and the next child at least `margin` below it."""

    threshold: float
    margin: float


@dataclass(frozen=True, slots=True)
class NonMatedTail:
    """How the scores of two different people tail off: a probe of one and the template of the other.

    Of all pairs, `share` score at least `start`; beyond it the excess is exponential with mean `scale`. That
    is the generalised Pareto distribution of exceedances (Pickands 1975; Davison and Smith 1990) with shape
    0. Scores are bounded, so far enough out the shape is under 0, and this errs towards a higher threshold.
    """

    start: float
    share: float
    scale: float

    def __post_init__(self) -> None:
        if not (isfinite(self.start) and 0 < self.share < 1 and 0 < self.scale < float("inf")):
            raise ValueError("a tail needs a start, a share between 0 and 1, and a scale above 0")

    def fpir(self, threshold: float, gallery: int) -> float:
        """Share of strangers who reach `threshold` with somebody of `gallery` people (at least 1).

        Pairs count as independent; that some faces are like many others makes the true rate lower. Below
        `start` the tail says nothing: there it gives the rate at `start`, and the true one is higher.
        """
        pair = self.share * exp(-max(0.0, threshold - self.start) / self.scale)
        return -expm1(gallery * log1p(-pair))

    def threshold(self, fpir: float, gallery: int) -> float:
        """The lowest threshold, from `start` on, whose rate is at most `fpir` (between 0 and 1)."""
        pair = -expm1(log1p(-fpir) / gallery)
        return self.start + self.scale * max(0.0, log(self.share / pair))


@dataclass(frozen=True, slots=True)
class Strictness:
    """What a gate asks of a face: `fpir` at most, whatever the number enrolled; `margin` to the next child.

    The strictest of `tails` decides. `least`: the threshold of a gallery so small that a tail would ask for
    less than was ever tried.
    """

    fpir: float
    margin: float
    least: float
    tails: tuple[NonMatedTail, ...]

    def __post_init__(self) -> None:
        if not (0 < self.fpir < 1 and self.tails):
            raise ValueError("a strictness needs a rate between 0 and 1 and at least one tail")

    def point(self, gallery: int) -> OperatingPoint:
        """Threshold and margin for so many enrolled people."""
        size = max(gallery, 1)
        return OperatingPoint(
            max(self.least, *(tail.threshold(self.fpir, size) for tail in self.tails)), self.margin
        )
