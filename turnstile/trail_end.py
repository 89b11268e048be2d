"""Brings to the vault, about once a minute and when the gate closes, where the audit trail ends.

Nothing is written for a passage. A vault that cannot be written now is tried again later.
"""

from pathlib import Path

import structlog

from edge.audit import Head
from edge.errors import VaultError
from edge.vault.vault import Vault
from turnstile.clock import SYSTEM, Clock

log = structlog.get_logger()
_WRITE_SECONDS = 60.0


class TrailEnd:
    """The end of one gate's trail."""

    def __init__(self, vault: Vault, trail: Path, clock: Clock = SYSTEM) -> None:
        self._writer = vault.trail_end_writer()
        self._trail = trail
        self._clock = clock
        self._durable: Head | None = None
        self._next_write = float("-inf")
        self._problem = ""

    def note(self, head: Head) -> None:
        """Remember, in memory, an end that is on the disk."""
        self._durable = head

    def step(self) -> None:
        """Write when it is time; called from the gate's loop."""
        if self._durable is not None and self._clock.monotonic() >= self._next_write:
            self.save()

    def save(self) -> None:
        """Write now, or keep it for later. A problem is logged once, until it changes or ends."""
        if self._durable is None:
            return
        self._next_write = self._clock.monotonic() + _WRITE_SECONDS
        try:
            self._writer.keep(self._trail, self._durable)
        except VaultError as error:
            if str(error) != self._problem:
                log.warning("trail_end", problem=str(error))
            self._problem = str(error)
            return
        self._durable, self._problem = None, ""
