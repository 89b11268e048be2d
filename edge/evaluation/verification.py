"""1:1: every probe against every reference; FMR, FNMR, DET and EER (ISO/IEC 19795-1)."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.evaluation.people import People, Scores
from edge.evaluation.tally import EDGES, Floats, Interval, Tally, Weights, at, interval, threshold_at

FMRS = (1e-2, 1e-3, 1e-4)
_MOST_DET_POINTS = 400


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Scores of a probe with the person's own reference, and with everybody else's."""

    mated: Tally = field(repr=False)
    non_mated: Tally = field(repr=False)

    @classmethod
    def empty(cls, people: int) -> "Comparisons":
        """Nothing compared yet."""
        return cls(Tally.empty(people), Tally.empty(people))

    def add(self, people: People, rows: slice, scores: Scores) -> None:
        """Count some rows of `People.scored`; pictures that are templates themselves are left out."""
        probe = people.probe[rows]
        owner = people.owner[rows][probe]
        own = owner[:, np.newaxis] == people.references
        owners = np.broadcast_to(owner[:, np.newaxis], own.shape)
        self.mated.add(owners[own], scores[probe][own])
        self.non_mated.add(owners[~own], scores[probe][~own])


@dataclass(frozen=True, slots=True)
class VerificationPoint:
    """FNMR at the lowest threshold whose FMR is at most `fmr`.

    `enough`: the data hold at least one comparison for that FMR; else the threshold is merely the highest
    non-mated score.
    """

    fmr: float
    threshold: float
    fnmr: float
    ci95: Interval
    enough: bool


@dataclass(frozen=True, slots=True)
class Verification:
    """One engine. `det` holds (threshold, FMR, FNMR), FMR falling."""

    engine: str
    enrol: int
    people: int
    mated: int
    non_mated: int
    eer: float
    eer_ci95: Interval
    points: tuple[VerificationPoint, ...]
    det: tuple[tuple[float, float, float], ...] = field(repr=False)


def verification(engine: str, enrol: int, comparisons: Comparisons, weights: Weights) -> Verification:
    """Rates and their intervals."""
    mated, non_mated = comparisons.mated, comparisons.non_mated
    fmr, fnmr = non_mated.accepted(), 1 - mated.accepted()
    fmrs, fnmrs = non_mated.resampled(weights), 1 - mated.resampled(weights)
    points = []
    for wanted in FMRS:
        place = int(threshold_at(fmr, wanted))
        spread = at(fnmrs, threshold_at(fmrs, wanted))
        points.append(
            VerificationPoint(
                wanted,
                float(EDGES[place]),
                float(fnmr[place]),
                interval(float(fnmr[place]), spread, mated.people),
                enough=wanted * non_mated.total >= 1,
            )
        )
    eer = float(equal_error(fmr[np.newaxis], fnmr[np.newaxis])[0])
    return Verification(
        engine,
        enrol,
        mated.people,
        mated.total,
        non_mated.total,
        eer,
        interval(eer, equal_error(fmrs, fnmrs), mated.people),
        tuple(points),
        det_curve(fmr, fnmr),
    )


def equal_error(fmr: Floats, fnmr: Floats) -> Floats:
    """The rate where the two meet, between two thresholds by a straight line; (rows, thresholds) each."""
    after = np.argmax(fnmr >= fmr, axis=1)
    before = np.maximum(after - 1, 0)
    gap_before = at(fmr, before) - at(fnmr, before)
    gap_after = at(fnmr, after) - at(fmr, after)
    total = gap_before + gap_after
    share = np.divide(gap_before, total, out=np.zeros_like(total), where=total > 0)
    met: Floats = at(fmr, before) + share * (at(fmr, after) - at(fmr, before))
    undefined = np.isnan(fnmr).any(axis=1)  # a replicate that drew nobody with a mated comparison
    return np.where(undefined, np.nan, np.where(after > 0, met, at(fmr, after)))


def det_curve(false_accepts: Floats, false_rejects: Floats) -> tuple[tuple[float, float, float], ...]:
    """The points where a rate changes, thinned evenly if there are very many."""
    both = np.stack([false_accepts, false_rejects])
    changed = np.flatnonzero(np.any(np.diff(both, axis=1, prepend=-1) != 0, axis=0))
    chosen: NDArray[np.intp] = changed
    if len(changed) > _MOST_DET_POINTS:
        chosen = changed[np.linspace(0, len(changed) - 1, _MOST_DET_POINTS).round().astype(np.intp)]
    return tuple(
        (float(EDGES[index]), float(false_accepts[index]), float(false_rejects[index])) for index in chosen
    )
