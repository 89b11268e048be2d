"""Counts of a gate's own scores: histograms by week; no images, no vectors, no identities, no times."""

import json
import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import ConfigError

LOWEST, HIGHEST, BINS = -1.0, 1.0, 200
EDGES: NDArray[np.float64] = np.linspace(LOWEST, HIGHEST, BINS + 1)
"""Bin i holds scores from EDGES[i] up to EDGES[i + 1]."""
VERSION = 2
"""Of the file. Version 1 had no weeks and no number; it is read as one that has counted no week yet."""

Histogram = NDArray[np.int64]
"""Shape (BINS,)."""


def _empty() -> Histogram:
    return np.zeros(BINS, np.int64)


@dataclass(slots=True, kw_only=True)
class Histograms:
    """What was counted over some time.

    `accepted`: best scores of people who were recognised. `rivals`: in the same searches, the best score of
    any other person, which is what a stranger would reach. `refused`: best scores of people who were not.
    `gallery`: how many people were enrolled at the last search. `others`: how many others were compared with
    in all searches behind `rivals` together, so that a gallery may grow while the gate counts.
    """

    gallery: int = 0
    others: int = 0
    accepted: Histogram = field(default_factory=_empty)
    rivals: Histogram = field(default_factory=_empty)
    refused: Histogram = field(default_factory=_empty)

    def recognised(self, top: float, rival: float, gallery: int) -> None:
        """Count a search that named somebody."""
        self.accepted[_bin(top)] += 1
        if gallery > 1:
            self.rivals[_bin(rival)] += 1
            self.others += gallery - 1
        self.gallery = gallery

    def unknown(self, top: float, gallery: int) -> None:
        """Count a search that named nobody."""
        if gallery:
            self.refused[_bin(top)] += 1
        self.gallery = gallery


@dataclass(slots=True)
class Period(Histograms):
    """Counts of `weeks` weeks, the first of which began on `since`; `threshold` is the highest in force."""

    since: date
    threshold: float
    weeks: int = 1

    def absorb(self, later: "Period") -> None:
        """Add the counts of a later period."""
        for name in _HISTOGRAMS:
            getattr(self, name)[:] += getattr(later, name)
        self.others += later.others
        self.gallery = later.gallery
        self.threshold = max(self.threshold, later.threshold)
        self.weeks += later.weeks


@dataclass(slots=True)
class ScoreCounts(Histograms):
    """What one gate saw with one engine: all of it, and beside that what drift is measured with.

    `reference` are the first weeks, `recent` the last ones, oldest first: see `edge.match.weeks`.
    `re_enrol`: how many children were proposed for re-enrolment when this was last written.
    """

    engine: str
    reference: Period | None = None
    recent: list[Period] = field(default_factory=list)
    re_enrol: int = 0

    def save(self, path: Path) -> None:
        """Write as JSON, whole or not at all. Raises OSError."""
        body = {
            "version": VERSION,
            "engine": self.engine,
            "re_enrol": self.re_enrol,
            **_histograms_to_json(self),
            "reference": _period_to_json(self.reference) if self.reference else None,
            "recent": [_period_to_json(period) for period in self.recent],
        }
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(body), "utf-8")
        os.replace(beside, path)


_HISTOGRAMS = ("accepted", "rivals", "refused")


def load_counts(path: Path) -> ScoreCounts:
    """Read what a gate saved. Raises ConfigError for a missing or foreign file."""
    try:
        body = json.loads(path.read_text("utf-8"))
        version = body.get("version", 1)
        if version not in {1, VERSION}:
            raise ValueError(f"version {version}")
        counts = ScoreCounts(str(body["engine"]), **_histograms_from_json(body))
        if version == VERSION:
            counts.re_enrol = int(body["re_enrol"])
            counts.reference = _period_from_json(body["reference"]) if body["reference"] else None
            counts.recent = [_period_from_json(each) for each in body["recent"]]
        return counts
    except FileNotFoundError:
        raise ConfigError(
            f"there are no score counts at {path}", "Let the gate run for some days; it writes them"
        ) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(f"{path} does not hold score counts", "Remove it; the gate begins anew") from error


def _histograms_to_json(counts: Histograms) -> dict[str, Any]:
    histograms = {name: getattr(counts, name).tolist() for name in _HISTOGRAMS}
    return {"gallery": counts.gallery, "others": counts.others, **histograms}


def _histograms_from_json(body: dict[str, Any]) -> dict[str, Any]:
    histograms = {name: np.array(body[name], np.int64) for name in _HISTOGRAMS}
    if any(each.shape != (BINS,) or (each < 0).any() for each in histograms.values()):
        raise ValueError("histograms of another shape")
    gallery, searches = int(body["gallery"]), int(histograms["rivals"].sum())
    # A file of version 1 says nothing of the others: then the last gallery stands for all.
    others = int(body.get("others", searches * max(1, gallery - 1)))
    if others < searches:
        raise ValueError("fewer others than searches")
    return {"gallery": gallery, "others": others, **histograms}


def _period_to_json(period: Period) -> dict[str, Any]:
    return {
        "since": period.since.isoformat(),
        "threshold": period.threshold,
        "weeks": period.weeks,
        **_histograms_to_json(period),
    }


def _period_from_json(body: dict[str, Any]) -> Period:
    since, threshold, weeks = date.fromisoformat(body["since"]), float(body["threshold"]), int(body["weeks"])
    period = Period(since, threshold, weeks, **_histograms_from_json(body))
    if period.weeks < 1 or period.others < period.rivals.sum():
        raise ValueError("a period that no gate could have counted")
    return period


def _bin(score: float) -> int:
    return int(np.clip((score - LOWEST) / (HIGHEST - LOWEST) * BINS, 0, BINS - 1))
