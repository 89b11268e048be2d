"""Error rates of presentation attack detection, as ISO/IEC 30107-3:2023 defines them.

APCER: share of attack presentations of one instrument taken for bona fide; a system is as bad as its worst
instrument. BPCER: share of bona fide presentations taken for attacks. A presentation from which no score
came (no face found, nothing seen) was refused: right for an attack, an error for a bona fide one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
"""One live score a presentation; NaN where there was none, and the presentation was refused."""

_RESAMPLES = 2000
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Rate:
    """A share and its 95 % interval: bootstrap over presentations, exact where none or all of them erred.

    Several presentations of one person are counted as if they were independent, so that the true interval
    is wider.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Point:
    """One place on a DET curve: the threshold and both rates, against the worst instrument."""

    threshold: float
    apcer: float
    bpcer: float


@dataclass(frozen=True, slots=True)
class PadResult:
    """Everything the standard asks for at one threshold, and the curve over all of them.

    `apcer` by instrument; `acer` is the mean of BPCER and the worst APCER (an older edition's figure, still
    customary); `bpcer_at` holds the BPCER where the worst APCER is at most 5 % and 1 %.
    """

    threshold: float
    apcer: Mapping[str, Rate]
    bpcer: Rate
    acer: float
    bpcer_at: Mapping[float, Rate]
    curve: tuple[Point, ...] = field(repr=False)


def evaluate(bona_fide: Scores, attacks: Mapping[str, Scores], threshold: float, seed: int = 0) -> PadResult:
    """All figures; deterministic by `seed`. Raises ValueError if one side has no presentation."""
    if not len(bona_fide) or not attacks or any(not len(scores) for scores in attacks.values()):
        raise ValueError("bona fide and every attack need at least one presentation")
    chance = np.random.default_rng(seed)
    apcer = {name: _rate(_passes(scores, threshold), chance) for name, scores in attacks.items()}
    bpcer = _rate(~_passes(bona_fide, threshold), chance)
    worst = max(rate.value for rate in apcer.values())
    at = {}
    for wanted in (0.05, 0.01):
        held = _threshold_for(attacks, wanted)
        at[wanted] = _rate(~_passes(bona_fide, held), chance)
    return PadResult(threshold, apcer, bpcer, (worst + bpcer.value) / 2, at, _curve(bona_fide, attacks))


def _passes(scores: Scores, threshold: float) -> NDArray[np.bool_]:
    return np.asarray(scores >= threshold)  # a NaN is never larger: refused


def _rate(wrong: NDArray[np.bool_], chance: np.random.Generator) -> Rate:
    value = float(wrong.mean())
    if value in (0.0, 1.0):  # every resample would be the same: Clopper and Pearson's bound says more
        bound = (1 - _CONFIDENCE) / 2
        exact = float(bound ** (1 / len(wrong)))
        return Rate(value, 0.0, 1 - exact) if value == 0.0 else Rate(value, exact, 1.0)
    # Resampling n presentations with replacement draws the number of errors from a binomial distribution.
    drawn = chance.binomial(len(wrong), value, _RESAMPLES) / len(wrong)
    low, high = np.quantile(drawn, [(1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2])
    return Rate(value, float(low), float(high))


def _threshold_for(attacks: Mapping[str, Scores], apcer: float) -> float:
    """The least threshold, just above some score, at which no instrument's APCER exceeds `apcer`."""
    needed = -np.inf
    for scores in attacks.values():
        known = np.sort(scores[~np.isnan(scores)])[::-1]
        allowed = int(np.floor(apcer * len(scores) + 1e-9))
        if len(known) > allowed:
            needed = max(needed, np.nextafter(known[allowed], np.inf))
    return float(needed)


def _curve(bona_fide: Scores, attacks: Mapping[str, Scores]) -> tuple[Point, ...]:
    everything = np.concatenate((bona_fide, *attacks.values()))
    known = np.unique(everything[~np.isnan(everything)])
    above_all = np.nextafter(known[-1:], np.inf) if len(known) else np.zeros(1)
    thresholds = [float(score) for score in (*known, *above_all)]
    return tuple(
        Point(
            threshold,
            max(float(_passes(scores, threshold).mean()) for scores in attacks.values()),
            float((~_passes(bona_fide, threshold)).mean()),
        )
        for threshold in thresholds
    )
