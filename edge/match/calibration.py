"""From a gate's score counts to the tail of its own non-mated scores, and the file that a person accepted.

A stranger is let in when the best of all enrolled people reaches the threshold. For everyone the gate
recognised, the best score of the *others* is such a search by somebody who is not them: these counts show
strangers' scores with the gate's own camera, light and people (ISO/IEC 19795-1, open set).
"""

import json
import os
from dataclasses import asdict, dataclass
from math import expm1, log1p, sqrt
from pathlib import Path

import numpy as np

from edge.errors import ConfigError
from edge.match.counts import EDGES, Histogram, ScoreCounts
from edge.match.threshold import NonMatedTail

Z95 = 1.959963984540054
Z95_ONE_SIDED = 1.6448536269514722
TOP = 0.05
"""Share of the searches that a gate's own tail is fitted to."""
LEAST_EXCEEDANCES = 40
"""Scores in a tail: with so many its scale is known to about 16 %, one over their square root."""
ENOUGH_SEARCHES = 1000
"""A gate's own tail takes about so many: it begins at a bin's edge, at less than TOP of them."""


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


def at_or_above(histogram: Histogram, threshold: float) -> Rate:
    """Share of counted scores in bins from `threshold` on."""
    first = int(np.searchsorted(EDGES[:-1], threshold - 1e-9))
    return Rate(int(histogram[first:].sum()), int(histogram.sum()))


def below(histogram: Histogram, threshold: float) -> Rate:
    """Share of counted scores below `threshold`."""
    above = at_or_above(histogram, threshold)
    return Rate(above.of - above.hits, above.of)


def fit_tail(histogram: Histogram, others: float, top: float = TOP) -> NonMatedTail | None:
    """The tail of one pair from counts of the best of `others` people a search; None for too few counts.

    It begins at the lowest bin edge that at most `top` of the searches reach. Its scale is the maximum
    likelihood estimate for counts in bins of equal width, where an exponential excess is geometric, raised to
    its upper 95 % limit: few counts must not buy a low threshold.
    """
    reached = histogram[::-1].cumsum()[::-1]
    first = int(np.argmax(reached <= top * histogram.sum()))
    hits = int(reached[first])
    if not LEAST_EXCEEDANCES <= hits <= top * histogram.sum():
        return None
    width = float(EDGES[1] - EDGES[0])
    bins = float(histogram[first:] @ np.arange(len(histogram) - first)) / hits
    # The best of several others reaches the start if any of them does.
    share = -expm1(log1p(-hits / float(histogram.sum())) / others)
    scale = width / log1p(1 / bins) * (1 + Z95_ONE_SIDED / sqrt(hits)) if bins else 0.0
    return NonMatedTail(round(float(EDGES[first]), 4), share, scale) if scale else None


def own_tail(counts: ScoreCounts) -> NonMatedTail | None:
    """What a gate's counts say of its own strangers; None as long as there are too few."""
    searches = int(counts.rivals.sum())
    return fit_tail(counts.rivals, counts.others / searches) if searches else None


@dataclass(frozen=True, slots=True)
class Calibration:
    """A gate's own tail with the embedder that it belongs to, and how much it was fitted to."""

    engine: str
    tail: NonMatedTail
    searches: int
    gallery: int

    def save(self, path: Path) -> None:
        """Write as JSON, whole or not at all. Raises OSError."""
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")
        os.replace(beside, path)


def load_calibration(path: Path, engine: str) -> Calibration:
    """Read what a person accepted. Raises ConfigError for a missing or damaged file, or another engine's."""
    renew = "Run: qaqpa-gate calibrate --accept, or take faces.calibration out of the configuration"
    try:
        body = json.loads(path.read_text("utf-8"))
        tail = NonMatedTail(*(float(body["tail"][name]) for name in ("start", "share", "scale")))
        found = Calibration(str(body["engine"]), tail, int(body["searches"]), int(body["gallery"]))
    except FileNotFoundError:
        raise ConfigError(f"there is no calibration at {path}", renew) from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{path} does not hold a calibration", renew) from error
    if found.engine != engine:
        raise ConfigError(f"{path} was made with {found.engine}, this gate uses {engine}", renew)
    return found
