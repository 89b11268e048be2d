"""How soon drift and proposals to re-enrol come, and how often for nothing.

`python -m tests.experiments.watching` prints the figures of docs/calibration.md. The traffic is made up
(tests/unit/calibration/traffic.py): the figures describe the rules and not any school.
"""

import numpy as np

from edge.match.counts import ScoreCounts
from edge.match.drift import Changed, drift
from edge.match.trend import Trend, after
from tests.unit.calibration.traffic import THRESHOLD, School, passages, school_days

BEFORE = 40
"""School days before anything changes."""
YEAR = 340
"""Passages of a child in a school year."""


def told_on(seed: int, children: int, weeks: int, fallen: float = 0.0, *, slowly: bool = False) -> int | None:
    """School days from the change to the first word of the recognised; `slowly`: over a school year."""
    pupils, counts = School(np.random.default_rng(seed), children), ScoreCounts("e")
    for number, day in enumerate(school_days(weeks)):
        if slowly:
            pupils.fallen = fallen * number / (YEAR / 2)
        elif number == BEFORE:
            pupils.fallen = fallen
        pupils.a_day(counts, day)
        if any(change.what is Changed.RECOGNISED for change in drift(counts).changes):
            return number if slowly else number - BEFORE
    return None


def false_years(seeds: int, children: int) -> int:
    """Of so many steady school years, those with any word at all."""
    found = 0
    for seed in range(seeds):
        pupils, counts = School(np.random.default_rng(1000 + seed), children), ScoreCounts("e")
        told = False
        for day in school_days(34):
            pupils.a_day(counts, day)
            told = told or bool(drift(counts).changes)
        found += told
    return found


def lead(seed: int, over: int, noise: float) -> int | None:
    """Passages from the proposal to the first score under the threshold, for a face that ages over `over`."""
    random = np.random.default_rng(seed)
    start = random.uniform(0.80, 0.90)
    means = np.concatenate([np.full(60, start), np.linspace(start, THRESHOLD - 0.05, over)])
    trend = Trend()
    proposed: int | None = None
    for number, score in enumerate(passages(random, means, noise)):
        if score < THRESHOLD:
            return None if proposed is None else number - proposed
        trend = after(trend, [score], THRESHOLD)
        if proposed is None and trend.proposal is not None:
            proposed = number
    return None


def steady_proposed(seeds: int, noises_above: float, noise: float, light: float) -> int:
    """Of so many children whose scores stay, those who are proposed within a school year."""
    found = 0
    for seed in range(seeds):
        mean = THRESHOLD + noises_above * noise
        scores = passages(np.random.default_rng(seed), np.full(YEAR, mean), noise, light)
        trend, proposed = Trend(), False
        for score in scores:
            trend = after(trend, [score], THRESHOLD) if score >= THRESHOLD else trend
            proposed = proposed or trend.proposal is not None
        found += proposed
    return found


def main() -> None:
    """Print all figures, some of which are in docs/calibration.md."""
    for children in (30, 100, 300):
        print(f"{children} children: steady years with a word {false_years(40, children)} of 40")
        for fallen in (0.04, 0.06, 0.08):
            days = [told_on(seed, children, 14, fallen) for seed in range(20)]
            print(f"  all scores fall by {fallen}: told after school days {_spread(days)}")
        days = [told_on(seed, children, 34, 0.10, slowly=True) for seed in range(20)]
        print(f"  all scores sink by 0.10 over a year: told on school day {_spread(days)}")
    for over in (200, 340):
        for noise in (0.03, 0.05):
            leads = [lead(seed, over, noise) for seed in range(500)]
            print(f"ageing over {over} passages, noise {noise}: lead in passages {_spread(leads)}")
    for above in (4.0, 5.0, 6.0):
        for light in (0.01, 0.02):
            found = steady_proposed(1000, above, 0.05, light)
            print(f"steady {above:.0f} noises of 0.05 over the bar, light {light}: proposed {found} of 1000")


def _spread(values: list[int | None]) -> str:
    known = [value for value in values if value is not None]
    missed = len(values) - len(known)
    low, middle, high = np.percentile(known, [5, 50, 95]) if known else (np.nan,) * 3
    return f"5 % {low:.0f}, median {middle:.0f}, 95 % {high:.0f}; never {missed} of {len(values)}"


if __name__ == "__main__":
    main()
