"""1:N, open set: who is let in for whom in galleries of several sizes (ISO/IEC 19795-1)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.evaluation.people import Indices, People, Scores
from edge.evaluation.splits import Split
from edge.evaluation.tally import (
    EDGES,
    Floats,
    Interval,
    Tally,
    Weights,
    at,
    index_of,
    interval,
    threshold_at,
)
from edge.evaluation.verification import det_curve
from edge.match.threshold import OperatingPoint

FPIRS = (0.03, 0.01, 0.003)


@dataclass(frozen=True, slots=True)
class Accepts:
    """The score at which each search would be answered with a name; -inf where it never is.

    `mated`: searches of the enrolled; only the right name counts. `non_mated`: searches of strangers.
    """

    mated: Tally = field(repr=False)
    non_mated: Tally = field(repr=False)

    @classmethod
    def empty(cls, people: int) -> "Accepts":
        """No search yet."""
        return cls(Tally.empty(people), Tally.empty(people))


class Searches:
    """Searches in galleries of one size, by threshold alone and with the gate's margin."""

    def __init__(self, people: People, splits: Sequence[Split], size: int, margin: float) -> None:
        self.size = size
        self.margin = margin
        self.plain = Accepts.empty(len(people.names))
        self.ahead = Accepts.empty(len(people.names))
        self._people = people
        self._enrolled = [split.enrolled[:size] for split in splits]
        self._stranger = [np.isin(np.arange(len(people.names)), split.strangers) for split in splits]

    def add(self, rows: slice, scores: Scores) -> None:
        """Search with some rows of `People.scored` in the gallery of every split."""
        owner, probe = self._people.owner[rows], self._people.probe[rows]
        for enrolled, stranger in zip(self._enrolled, self._stranger, strict=True):
            inside = self._people.references[enrolled]
            mated = probe & np.isin(owner, inside)
            outside = stranger[owner]
            searched = mated | outside
            self._search(scores[searched][:, enrolled], owner[searched], inside, outside[searched])

    def _search(self, scores: Scores, owner: Indices, inside: Indices, outside: NDArray[np.bool_]) -> None:
        """As `Gallery.search`: the best name, unless the next one is closer to it than the margin."""
        if not len(scores):
            return
        first = scores.argmax(axis=1)
        top = scores[np.arange(len(scores)), first]
        second = (
            np.partition(scores, -2, axis=1)[:, -2] if scores.shape[1] > 1 else np.full_like(top, -np.inf)
        )
        right = outside | (inside[first] == owner)
        for accepts, answered in ((self.plain, right), (self.ahead, right & (top - second >= self.margin))):
            answer = np.where(answered, top, -np.inf)
            accepts.mated.add(owner[~outside], answer[~outside])
            accepts.non_mated.add(owner[outside], answer[outside])

    def failed(self, failures: Sequence[int]) -> int:
        """Mated searches that could not be made: pictures of the enrolled that gave no vector."""
        count = np.asarray(failures)
        return int(sum(count[self._people.references[enrolled]].sum() for enrolled in self._enrolled))


@dataclass(frozen=True, slots=True)
class WithMargin:
    """The same FPIR where a search is refused too if two names are closer than `margin`."""

    margin: float
    threshold: float
    fnir: float
    ci95: Interval


@dataclass(frozen=True, slots=True)
class Identification:
    """FNIR at the lowest threshold whose FPIR is at most `fpir`; rank 1: the right name is on top.

    `fnir_with_fta` counts mated pictures that were not acquired as misses. `enough`: there are so many
    different pictures of strangers that `fpir` of them is at least one.
    """

    engine: str
    gallery: int
    enrol: int
    fpir: float
    threshold: float
    fnir: float
    ci95: Interval
    rank1: float
    rank1_ci95: Interval
    fpir_observed: float
    fnir_with_fta: float
    with_margin: WithMargin
    mated_people: int
    mated_searches: int
    non_mated_people: int
    non_mated_searches: int
    enough: bool


@dataclass(frozen=True, slots=True)
class AtProductPoint:
    """FPIR and FNIR at the threshold and margin that the gate itself starts with."""

    engine: str
    gallery: int
    enrol: int
    threshold: float
    margin: float
    fpir: float
    fpir_ci95: Interval
    fnir: float
    fnir_ci95: Interval


@dataclass(frozen=True, slots=True)
class Gallery:
    """What was found with galleries of one size. `curve`: (threshold, FPIR, FNIR), by threshold alone."""

    rows: tuple[Identification, ...]
    product: AtProductPoint
    curve: tuple[tuple[float, float, float], ...] = field(repr=False)


def identification(
    engine: str,
    people: People,
    searches: Searches,
    weights: Weights,
    *,
    point: OperatingPoint,
    failures: Sequence[int],
) -> Gallery:
    """Rates and intervals; `failures` (people,) to acquire, `point` is where the gate sets its bar."""
    plain, ahead = _Rates(searches.plain, weights), _Rates(searches.ahead, weights)
    return Gallery(
        _rows(engine, people, searches, weights, failures=failures, plain=plain, ahead=ahead),
        _at_product_point(engine, people, searches, ahead, point),
        det_curve(plain.fpir, plain.fnir),
    )


def _rows(
    engine: str,
    people: People,
    searches: Searches,
    weights: Weights,
    *,
    failures: Sequence[int],
    plain: "_Rates",
    ahead: "_Rates",
) -> tuple[Identification, ...]:
    mated, non_mated = searches.plain.mated, searches.plain.non_mated
    ever = float((mated.counts[:, 1:].sum(dtype=np.int64)) / mated.total)
    rank1_spread = _rank1(mated, weights)
    failed = searches.failed(failures)
    rows = []
    for wanted in FPIRS:
        threshold, fnir, ci95 = plain.fnir_at(wanted)
        rows.append(
            Identification(
                engine=engine,
                gallery=searches.size,
                enrol=people.enrol,
                fpir=wanted,
                threshold=threshold,
                fnir=fnir,
                ci95=ci95,
                rank1=ever,
                rank1_ci95=interval(ever, rank1_spread, mated.people),
                fpir_observed=float(plain.fpir[index_of(threshold)]),
                fnir_with_fta=(fnir * mated.total + failed) / (mated.total + failed),
                with_margin=WithMargin(searches.margin, *ahead.fnir_at(wanted)),
                mated_people=mated.people,
                mated_searches=mated.total,
                non_mated_people=non_mated.people,
                non_mated_searches=non_mated.total,
                enough=wanted * len(people.owner) >= 1,
            )
        )
    return tuple(rows)


def _at_product_point(
    engine: str, people: People, searches: Searches, rates: "_Rates", point: OperatingPoint
) -> AtProductPoint:
    place = index_of(point.threshold)
    fpir, fnir = float(rates.fpir[place]), float(rates.fnir[place])
    return AtProductPoint(
        engine,
        searches.size,
        people.enrol,
        point.threshold,
        point.margin,
        fpir,
        interval(fpir, rates.fpirs[:, place], searches.ahead.non_mated.people),
        fnir,
        interval(fnir, rates.fnirs[:, place], searches.ahead.mated.people),
    )


class _Rates:
    """FPIR and FNIR over all thresholds, as observed and in every replicate."""

    def __init__(self, accepts: Accepts, weights: Weights) -> None:
        self.fpir, self.fnir = accepts.non_mated.accepted(), 1 - accepts.mated.accepted()
        self.fpirs = accepts.non_mated.resampled(weights)
        self.fnirs = 1 - accepts.mated.resampled(weights)
        self._people = accepts.mated.people

    def fnir_at(self, wanted: float) -> tuple[float, float, Interval]:
        """Threshold, FNIR and interval; each replicate sets its own threshold."""
        place = int(threshold_at(self.fpir, wanted))
        fnir = float(self.fnir[place])
        spread = at(self.fnirs, threshold_at(self.fpirs, wanted))
        return float(EDGES[place]), fnir, interval(fnir, spread, self._people)


def _rank1(mated: Tally, weights: Weights) -> Floats:
    made = weights @ mated.counts.sum(axis=1, dtype=np.int64).astype(np.float32)
    right = weights @ mated.counts[:, 1:].sum(axis=1, dtype=np.int64).astype(np.float32)
    with np.errstate(invalid="ignore"):
        shares: Floats = right.astype(np.float64) / made
    return shares
