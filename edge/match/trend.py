"""Whether one child's scores are sinking, so that it is enrolled anew before the gate refuses it.

Two exponentially weighted means of the scores it was recognised with (EWMA, Roberts 1959), one over some
weeks and one over most of a school year, and the child's own noise. Pure functions; nothing prints a score.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

LEAST_PASSAGES = 20
"""Before that there is no telling."""
FAST, SLOW = 2 / (20 + 1), 2 / (300 + 1)
"""Weights of the newest score: means over about 20 and about 300 passages."""
NEAR_NOISES, NEAR = 2.5, 0.05
"""Too near the threshold: within so many standard deviations of one score, and in any case so many units."""
SUNK_NOISES, SUNK = 4.0, 0.06
"""Sunk: by so many standard deviations of the difference of the two means, and at least so many units."""
NEAR_AGAIN, SUNK_AGAIN = 1.5, 0.5
"""A proposal ends only beyond so many times these limits, so that it does not come and go."""

_NOISE_OF_FAST = FAST / (2 - FAST)
# Variance of the difference of the two means of independent scores, in units of the variance of one score.
_NOISE_OF_FALL = _NOISE_OF_FAST + SLOW / (2 - SLOW) - 2 * FAST * SLOW / (1 - (1 - FAST) * (1 - SLOW))


class Proposal(StrEnum):
    """Why a child should be enrolled anew."""

    NEAR = "near"
    SUNK = "sunk"


@dataclass(frozen=True, slots=True)
class Trend:
    """One child's accepted scores with one engine, since its templates were made.

    `variance` is that of a single score around the fast mean, so that slow sinking does not pass for noise.
    """

    count: int = 0
    slow: float = field(default=0.0, repr=False)
    fast: float = field(default=0.0, repr=False)
    variance: float = field(default=0.0, repr=False)
    proposal: Proposal | None = None


def after(trend: Trend, scores: Sequence[float], threshold: float) -> Trend:
    """The trend after more passages, oldest first, judged by the threshold in force."""
    for score in scores:
        trend = _updated(trend, score)
        trend = replace(trend, proposal=_judged(trend, threshold))
    return trend


def _updated(trend: Trend, score: float) -> Trend:
    count = trend.count + 1
    if count == 1:
        return Trend(count, score, score)
    # Plain means until there are as many scores as the weights reach back.
    fast, slow, spread = max(FAST, 1 / count), max(SLOW, 1 / count), max(SLOW, 1 / trend.count)
    # A score differs from the mean of the ones before by its own noise and by that mean's.
    squared = (score - trend.fast) ** 2 / (1 + max(_NOISE_OF_FAST, 1 / trend.count))
    return replace(
        trend,
        count=count,
        fast=trend.fast + fast * (score - trend.fast),
        # While a proposal stands the slow mean waits: else the proposal would end because memory fades.
        slow=trend.slow if trend.proposal else trend.slow + slow * (score - trend.slow),
        variance=trend.variance + spread * (squared - trend.variance),
    )


def _judged(trend: Trend, threshold: float) -> Proposal | None:
    if trend.count < LEAST_PASSAGES:
        return None
    noise = math.sqrt(trend.variance)
    near = max(NEAR, NEAR_NOISES * noise)
    sunk = max(SUNK, SUNK_NOISES * noise * math.sqrt(_NOISE_OF_FALL))
    if trend.proposal is not None:
        near, sunk = near * NEAR_AGAIN, sunk * SUNK_AGAIN
    if trend.fast - threshold < near:
        return Proposal.NEAR
    return Proposal.SUNK if trend.slow - trend.fast >= sunk else None
