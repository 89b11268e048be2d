"""Counts of a gate's own scores: histograms, no images, no vectors, no identities."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import ConfigError

LOWEST, HIGHEST, BINS = -1.0, 1.0, 200
EDGES: NDArray[np.float64] = np.linspace(LOWEST, HIGHEST, BINS + 1)
"""Bin i holds scores from EDGES[i] up to EDGES[i + 1]."""

Histogram = NDArray[np.int64]
"""Shape (BINS,)."""


def _empty() -> Histogram:
    return np.zeros(BINS, np.int64)


@dataclass(slots=True)
class ScoreCounts:
    """What one gate saw with one engine.

    `accepted`: best scores of people who were recognised. `rivals`: in the same searches, the best score of
    any other person, which is what a stranger would reach. `refused`: best scores of people who were not.
    `gallery`: how many people were enrolled at the last search. `others`: how many others were compared with
    in all searches behind `rivals` together, so that a gallery may grow while the gate counts.
    """

    engine: str
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

    def save(self, path: Path) -> None:
        """Write as JSON, whole or not at all. Raises OSError."""
        body = {
            "engine": self.engine,
            "gallery": self.gallery,
            "others": self.others,
            **{name: getattr(self, name).tolist() for name in _HISTOGRAMS},
        }
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(body), "utf-8")
        os.replace(beside, path)


_HISTOGRAMS = ("accepted", "rivals", "refused")


def load_counts(path: Path) -> ScoreCounts:
    """Read what a gate saved. Raises ConfigError for a missing or foreign file."""
    try:
        body = json.loads(path.read_text("utf-8"))
        histograms = {name: np.array(body[name], np.int64) for name in _HISTOGRAMS}
        if any(each.shape != (BINS,) or (each < 0).any() for each in histograms.values()):
            raise ValueError("histograms of another shape")
        others = int(body["others"])
        if others < histograms["rivals"].sum():
            raise ValueError("fewer others than searches")
        return ScoreCounts(str(body["engine"]), int(body["gallery"]), others, **histograms)
    except FileNotFoundError:
        raise ConfigError(
            f"there are no score counts at {path}", "Let the gate run for some days; it writes them"
        ) from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"{path} does not hold score counts", "Remove it; the gate begins anew") from error


def _bin(score: float) -> int:
    return int(np.clip((score - LOWEST) / (HIGHEST - LOWEST) * BINS, 0, BINS - 1))
