"""Collects the scores of children who pass and brings them to the vault about once a minute.

Nothing is written between a frame and its decision. A vault that cannot be written now is tried again later:
trends are worth less than a gate that does not wait.
"""

from collections import defaultdict

import structlog

from edge.domain.ids import ChildId
from edge.errors import VaultError
from edge.vault.vault import Vault
from turnstile.clock import SYSTEM, Clock

log = structlog.get_logger()
_WRITE_SECONDS = 60.0
_KEPT = 50
"""Scores a child while the vault cannot be written; then the oldest go."""


class Trendbook:
    """Trends of one engine's scores."""

    def __init__(self, vault: Vault, engine: str, clock: Clock = SYSTEM) -> None:
        self._clock = clock
        self._vault = vault
        self._writer = vault.trend_writer()
        self._engine = engine
        self._passages: defaultdict[ChildId, list[float]] = defaultdict(list)
        self._threshold = float("-inf")
        self._problems: dict[str, str] = {}
        self._next_write = float("-inf")

    def note(self, child: ChildId, score: float, threshold: float) -> None:
        """Remember the score a child was recognised with, in memory."""
        scores = self._passages[child]
        scores.append(score)
        del scores[:-_KEPT]
        self._threshold = threshold

    def step(self) -> None:
        """Write when it is time; called from the gate's loop."""
        if self._clock.monotonic() >= self._next_write:
            self.save()

    def save(self) -> None:
        """Write now, or keep what there is for later. A problem is logged once, until it changes or ends."""
        self._next_write = self._clock.monotonic() + _WRITE_SECONDS
        try:
            self._writer.write(self._engine, self._passages, self._threshold, self._clock.now().date())
        except VaultError as error:
            self._tell("write", str(error))
            return
        self._tell("write", "")
        self._passages.clear()

    def proposed(self) -> int | None:
        """How many children should be enrolled anew, or None where the vault cannot be read."""
        try:
            self._vault.follow_key()
            proposed = len(self._vault.trends.proposals())
        except VaultError as error:
            self._tell("read", str(error))
            return None
        self._tell("read", "")
        return proposed

    def _tell(self, what: str, problem: str) -> None:
        if problem and problem != self._problems.get(what):
            log.warning("trends", problem=problem)
        self._problems[what] = problem
