"""What the gate learns from its own scores: counts for calibration, their drift, and each child's trend.

A verdict is noted in memory; files are written about once a minute, and drift is looked at once a day.
"""

from datetime import date, datetime
from pathlib import Path

import structlog

from edge.domain.decisions import Decision, Outcome
from edge.errors import ConfigError
from edge.match.counts import ScoreCounts, load_counts
from edge.match.drift import drift
from edge.match.score import Match
from edge.match.weeks import this_week
from turnstile.clock import SYSTEM, Clock
from turnstile.trendbook import Trendbook

log = structlog.get_logger()
_SAVE_SECONDS = 60.0


class Scorebook:
    """Counts of one gate and engine; a file of another engine, or a damaged one, is begun anew.

    Without a path the counts last as long as the process.
    """

    def __init__(
        self, path: Path | None, engine: str, trends: Trendbook | None = None, clock: Clock = SYSTEM
    ) -> None:
        self._clock = clock
        self._path = path
        self._counts = _continued(path, engine)
        self._trends = trends
        self._dirty = False
        self._next_save = self._clock.monotonic() + _SAVE_SECONDS
        self._watched: date | None = None

    def note(self, verdict: Decision, match: Match, gallery: int, *, threshold: float, now: datetime) -> None:
        """Count the search that led to a verdict, under the threshold that was in force."""
        for counts in (self._counts, this_week(self._counts, now.date(), threshold)):
            if verdict.outcome is Outcome.GRANT:
                counts.recognised(match.score, match.runner_up, gallery)
            else:
                counts.unknown(match.score, gallery)
        if self._trends is not None and verdict.child is not None and verdict.child == match.child:
            self._trends.note(verdict.child, match.score, threshold)
        self._dirty = True

    def step(self, now: datetime) -> None:
        """Write and look for drift when it is time; called from the gate's loop."""
        if self._trends is not None:
            self._trends.step()
        if self._dirty and self._clock.monotonic() >= self._next_save:
            self._save_counts()
        if now.date() != self._watched:
            self._watched = now.date()
            self._watch()

    def save(self) -> None:
        """Write everything now."""
        if self._trends is not None:
            self._trends.save()
        self._save_counts()

    def status(self) -> dict[str, str | int]:
        """For staff: what has drifted, and how many children should be enrolled anew."""
        proposed = self._trends.proposed() if self._trends is not None else None
        told: dict[str, str | int] = {"drift": str(drift(self._counts))}
        return told if proposed is None else {**told, "re-enrol": proposed}

    def _watch(self) -> None:
        for change in drift(self._counts).changes:
            log.warning("drift", problem=str(change))
        proposed = self._trends.proposed() if self._trends is not None else None
        if proposed:
            log.warning("re-enrol", children=proposed)

    def _save_counts(self) -> None:
        """A full disk is logged: counts are worth less than a running gate."""
        self._next_save = self._clock.monotonic() + _SAVE_SECONDS
        if self._path is None:
            return
        proposed = self._trends.proposed() if self._trends is not None else None
        if proposed is not None:
            self._counts.re_enrol = proposed
        try:
            self._counts.save(self._path)
        except OSError as error:
            log.error("scores", problem=f"the score counts cannot be written: {error.strerror}. Free space")
            return
        self._dirty = False


def _continued(path: Path | None, engine: str) -> ScoreCounts:
    if path is None or not path.exists():
        return ScoreCounts(engine)
    try:
        counts = load_counts(path)
    except ConfigError as error:
        log.error("scores", problem=str(error))
        return ScoreCounts(engine)
    return counts if counts.engine == engine else ScoreCounts(engine)
