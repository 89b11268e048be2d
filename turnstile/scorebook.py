"""Keeps the gate's score counts for calibration: one count a verdict, written about once a minute."""

import time
from pathlib import Path

import structlog

from edge.domain.decisions import Decision, Outcome
from edge.errors import ConfigError
from edge.match.counts import ScoreCounts, load_counts
from edge.match.score import Match

log = structlog.get_logger()
_SAVE_SECONDS = 60.0


class Scorebook:
    """Counts of one gate and engine; a file of another engine, or a damaged one, is begun anew."""

    def __init__(self, path: Path, engine: str) -> None:
        self._path = path
        self._counts = _continued(path, engine)
        self._dirty = False
        self._next_save = time.monotonic() + _SAVE_SECONDS

    def note(self, verdict: Decision, match: Match, gallery: int) -> None:
        """Count the search that led to a verdict."""
        if verdict.outcome is Outcome.GRANT:
            self._counts.recognised(match.score, match.runner_up, gallery)
        else:
            self._counts.unknown(match.score, gallery)
        self._dirty = True

    def step(self) -> None:
        """Write when it is time; called from the gate's loop."""
        if self._dirty and time.monotonic() >= self._next_save:
            self.save()

    def save(self) -> None:
        """Write now. A full disk is logged: counts are worth less than a running gate."""
        self._next_save = time.monotonic() + _SAVE_SECONDS
        try:
            self._counts.save(self._path)
        except OSError as error:
            log.error("scores", problem=f"the score counts cannot be written: {error.strerror}. Free space")
            return
        self._dirty = False


def _continued(path: Path, engine: str) -> ScoreCounts:
    if not path.exists():
        return ScoreCounts(engine)
    try:
        counts = load_counts(path)
    except ConfigError as error:
        log.error("scores", problem=str(error))
        return ScoreCounts(engine)
    return counts if counts.engine == engine else ScoreCounts(engine)
