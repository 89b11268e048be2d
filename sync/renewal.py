"""Renews the device's certificate while a third of its term is left, and says so when that fails for long.

The hub judges; this device's clock only decides when to ask. A clock that is behind asks too late at worst,
one that is ahead asks early and is given what it has.
"""

from collections.abc import Callable
from datetime import datetime
from threading import Event

import structlog
from cryptography import x509

from edge.errors import ConfigError, QaqpaError
from sync.enrol import Device, HubClient
from sync.identity import Identity, read_certificate, share_left, utc_now
from sync.settings import PublisherSettings

DUE = 1 / 3
ALARM = 1 / 6
_LOOK_SECONDS = 3600.0

log = structlog.get_logger()


class Renewal:
    """For one publisher, beside its work."""

    def __init__(self, settings: PublisherSettings, clock: Callable[[], datetime] = utc_now) -> None:
        self._settings = settings
        self._clock = clock

    def run(self, stop: Event) -> None:
        """Look every hour until `stop` is set. A failure never stops the publisher."""
        while not stop.is_set():
            self.check()
            stop.wait(_LOOK_SECONDS)

    def check(self) -> None:
        """Renew if it is due; log what a person should know."""
        left = 0.0
        try:
            certificate = read_certificate(self._settings.tls.cert)
            left = share_left(certificate, self._clock())
            if left > 1:
                log.warning("this clock is behind the certificate; the broker's clock decides")
            if left > DUE:
                return
            ends = self.renew().not_valid_after_utc
        except QaqpaError as error:
            tell = log.error if left < ALARM else log.warning
            tell("the certificate is not renewed", problem=str(error), term_left=f"{max(left, 0.0):.0%}")
        else:
            log.info("the certificate is renewed", ends=ends.isoformat(timespec="seconds"))

    def renew(self) -> x509.Certificate:
        """Ask the hub now. Raises SyncTerminal, SyncRetryable, ConfigError."""
        settings = self._settings
        if settings.renewal is None:
            raise ConfigError(
                "no enrolment service is configured", 'Add to the file: [renewal] hub = "https://HOST:PORT"'
            )
        device = Device(Identity(settings.school, settings.gate), settings.tls)
        certificate = HubClient(settings.renewal.hub).renew(settings.tls)
        device.accept(certificate, read_certificate(settings.tls.ca))
        return certificate
