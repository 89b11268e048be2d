"""Sends queued events to another system: signed, at least once, of each gate in order."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import structlog

from edge.errors import ConfigError, QaqpaError
from sync.hub import webhook_signature as signature
from sync.hub.integration_settings import WebhookSettings
from sync.hub.webhook_post import Poster
from sync.hub.webhook_queue import Batch, WebhookQueue
from sync.rows import Row
from sync.wire import encode

_IDLE_SECONDS = 0.5
_MOST_DOUBLINGS = 20
_LEASE_FACTOR = 6
"""A POST may take the time-out once for each address of a host and once more: so long it is nobody else's."""

log = structlog.get_logger()


class Webhook:
    """One POST at a time: a receiver that hangs holds up its own events only, never gates or parents."""

    def __init__(self, queue: WebhookQueue, settings: WebhookSettings) -> None:
        """Raises ConfigError where secret or CA cannot be read."""
        self._queue = queue
        self._settings = settings
        self._secrets = read_secrets(settings.secret_file)
        self._poster = Poster(settings)

    def run(self, stop: Event) -> None:
        """Work until `stop` is set."""
        while not stop.is_set():
            try:
                busy = self.step(datetime.now(UTC))
            except QaqpaError as error:
                log.warning("the webhook waits", problem=str(error))
                busy = False
            if not busy:
                stop.wait(_IDLE_SECONDS)

    def step(self, now: datetime) -> bool:
        """Send one batch if one is due; whether there was one. Raises SyncRetryable."""
        if given_up := self._queue.give_up(now - timedelta(hours=self._settings.give_up_hours)):
            log.error("the webhook gave up", events=given_up, remedy="qaqpa-hub webhook status, then retry")
        lease = timedelta(seconds=_LEASE_FACTOR * self._settings.timeout_seconds)
        batch = self._queue.claim(now, lease, self._settings.batch)
        if batch is None:
            return False
        self._send(batch)
        return True

    def _send(self, batch: Batch) -> None:
        body = encode_batch(batch.rows)
        signed = signature.headers(self._secrets, str(batch.id), int(time.time()), body)
        answer = self._poster.post(body, signed)
        if answer.taken:
            self._queue.taken(batch)
            log.info("webhook taken", gate=batch.gate, events=len(batch.rows), attempts=batch.attempts + 1)
        else:
            self._queue.postpone(batch, datetime.now(UTC) + self._pause(batch.attempts))
            log.warning(
                "webhook not taken", gate=batch.gate, problem=answer.problem, attempts=batch.attempts + 1
            )

    def _pause(self, attempts: int) -> timedelta:
        first, longest = self._settings.first_retry_seconds, self._settings.longest_retry_seconds
        return timedelta(seconds=min(first * 2 ** min(attempts, _MOST_DOUBLINGS), longest))


def encode_batch(rows: Sequence[Row]) -> bytes:
    """CloudEvents' JSON batch format: a list of what the gates put on the wire, field by field."""
    return b"[" + b",".join(encode(row) for row in rows) + b"]"


def read_secrets(path: Path) -> list[bytes]:
    """One secret, or two while it is being replaced, a line each. Raises ConfigError without their text."""
    try:
        if path.stat().st_mode & 0o007:
            raise ConfigError(f"everybody may read {path}", f"Run: chmod o= {path}")
        lines = path.read_text("ascii").split()
        secrets = [signature.read_secret(line) for line in lines]
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"cannot use the webhook's secret {path} ({type(error).__name__})",
            "Make one with: qaqpa-hub webhook secret FILE",
        ) from error
    if not 1 <= len(secrets) <= 2:
        raise ConfigError(f"{path} holds {len(secrets)} secrets", "One line, or two while it is replaced")
    return secrets
