"""Has a gate's traffic changed? Its last weeks against its first, by binned scores; pure functions.

Scores: Smirnov's two-sample test and the shift of the median. Refusals: the pooled two-proportion z-test.
Both take searches as independent, which they are not (the same children pass every day), so that a change
must also be large enough to matter before anybody is told.
"""

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from edge.match.counts import EDGES, Histogram, Period, ScoreCounts
from edge.match.two_sample import Comparison, cdf, compare

ENOUGH = 200
"""Searches on either side. Children who come again say less than so many strangers would."""
P_LIMIT = 0.001
"""Stricter than is usual, because the question is asked every day."""
LEAST_SHIFT = 0.03
"""Of the median, in score units. Some dull days move it by 0.02 in made-up traffic (docs/calibration.md)."""
LEAST_RISE = 0.05
"""Of the share refused."""


class Changed(StrEnum):
    """What changed for the worse; nobody is told of the better."""

    RECOGNISED = "recognised"
    RIVALS = "rivals"
    REFUSED = "refused"


_SENTENCES = {
    Changed.RECOGNISED: "recognised scores have sunk by {size:.2f} since {since}: clean the lens, look at the"
    " light, then re-enrol",
    Changed.RIVALS: "others score higher by {size:.2f} since {since}, and new people do not explain it: look"
    " at the light, then calibrate",
    Changed.REFUSED: "more people are refused since {since}, {size:.0%} of all: if they are no strangers,"
    " clean the lens, look at the light, then re-enrol",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `size` in score units, or for refusals as a share of all searches."""

    what: Changed
    size: float
    since: date

    def __str__(self) -> str:
        return _SENTENCES[self.what].format(size=self.size, since=self.since.isoformat())


@dataclass(frozen=True, slots=True)
class Drift:
    """What the comparison says; `enough` is false where there is too little to compare."""

    enough: bool
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        if not self.enough:
            return "too few searches yet to compare"
        return "; ".join(map(str, self.changes)) or "none"


def drift(counts: ScoreCounts) -> Drift:
    """Compare the last weeks with the first."""
    if counts.reference is None or not counts.recent:
        return Drift(enough=False)
    before, now = counts.reference, _joined(counts.recent)
    bar = max(before.threshold, now.threshold)
    found = {
        Changed.RECOGNISED: _sunk(before, now, bar),
        Changed.RIVALS: _rivals_rise(before, now),
        Changed.REFUSED: _refusals_rise(before, now, bar),
    }
    changes = tuple(Change(what, size, now.since) for what, size in found.items() if size)
    return Drift(any(size is not None for size in found.values()), changes)


def _sunk(before: Period, now: Period, bar: float) -> float | None:
    """How far the recognised fell, 0 where they did not, None without data.

    Under another threshold only what passes both is alike.
    """
    first = _first_bin(bar)
    return _fallen(before.accepted[first:], now.accepted[first:])


def _fallen(before: Histogram, now: Histogram) -> float | None:
    n, m = int(before.sum()), int(now.sum())
    if min(n, m) < ENOUGH:
        return None
    return _told(compare(cdf(before), cdf(now), n, m), sign=-1)


def _rivals_rise(before: Period, now: Period) -> float | None:
    """How far the rivals rose beyond what the gallery's growth explains.

    The best of k times as many others has the distribution F ** k, each being another chance. Raised so, n
    scores say no more than n / k do (and n * k where k < 1).
    """
    n, m = float(before.rivals.sum()), int(now.rivals.sum())
    if min(n, m) < ENOUGH:
        return None
    growth = (now.others / m) / (before.others / n)
    n *= min(growth, 1 / growth)
    if n < ENOUGH:
        return None
    return _told(compare(cdf(before.rivals) ** growth, cdf(now.rivals), n, m), sign=1)


def _refusals_rise(before: Period, now: Period, bar: float) -> float | None:
    """How much larger the share of the refused became, had one threshold been in force all the time."""
    (x, n), (y, m) = _refusals(before, bar), _refusals(now, bar)
    if min(n, m) < ENOUGH:
        return None
    rise, pooled = y / m - x / n, (x + y) / (n + m)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    if rise < LEAST_RISE or math.erfc(rise / spread / math.sqrt(2)) >= P_LIMIT:
        return 0.0
    return rise


def _refusals(period: Period, bar: float) -> tuple[int, int]:
    lost = int(period.accepted[: _first_bin(bar)].sum())
    refused = int(period.refused.sum()) + lost
    return refused, refused + int(period.accepted.sum()) - lost


def _told(found: Comparison, sign: int) -> float:
    size = sign * found.shift
    return size if found.p_value < P_LIMIT and size >= LEAST_SHIFT else 0.0


def _joined(weeks: list[Period]) -> Period:
    joined = Period(weeks[0].since, weeks[0].threshold, weeks=0)
    for week in weeks:
        joined.absorb(week)
    return joined


def _first_bin(threshold: float) -> int:
    return int(np.searchsorted(EDGES[:-1], threshold - 1e-9))
