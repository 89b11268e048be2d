"""`qaqpa-sync status`: what waits, since when, and whether a person has to do something about it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from edge import device_clock
from edge.errors import ConfigError
from sync import condition
from sync.disk import used_share
from sync.outbox import Outbox
from sync.settings import PublisherSettings
from sync.tls import RENEW_BY_HAND

_SILENT = timedelta(hours=1)
_RENEWED_BY_NOW = timedelta(days=120)
"""A sixth of the two years of a certificate: it renews itself when a third is left, and then did not."""

_CLOCK_PATIENCE_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class PublisherStatus:
    """Of one gate's way to the hub; `disk_used` is a share of 1, `uptime_seconds` the device's.

    `broker_certificate_ends` is what the broker showed at the last connection; `stopped` is why the publisher
    ended for good since then.
    """

    waiting: int
    oldest: datetime | None
    last_confirmed: datetime | None
    certificate_ends: datetime
    disk_used: float
    clock_synchronised: bool
    uptime_seconds: float
    broker_certificate_ends: datetime | None = None
    stopped: str | None = None
    stopped_at: datetime | None = None
    problems: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Times as ISO 8601 in UTC."""
        return {
            name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


def examine(settings: PublisherSettings, now: datetime) -> PublisherStatus:
    """Look at everything once. Raises OutboxError, ConfigError."""
    with Outbox(settings.outbox) as outbox:
        backlog = outbox.backlog()
    left = condition.read(settings.outbox)
    seen = PublisherStatus(
        waiting=backlog.count,
        oldest=backlog.oldest,
        last_confirmed=backlog.last_confirmed,
        certificate_ends=_certificate_ends(settings.tls.cert),
        disk_used=used_share(settings.outbox),
        clock_synchronised=device_clock.synchronised(),
        uptime_seconds=device_clock.uptime().seconds,
        broker_certificate_ends=left.broker_certificate_ends,
        stopped=left.stopped,
        stopped_at=left.stopped_at,
    )
    return replace(seen, problems=tuple(problems(seen, settings.disk_warning, now)))


def problems(seen: PublisherStatus, disk_warning: float, now: datetime) -> Iterator[str]:
    """A sentence for each thing that does not cure itself."""
    if seen.stopped is not None:
        since = "" if seen.stopped_at is None else f" at {seen.stopped_at.isoformat(timespec='seconds')}"
        yield f"The publisher stopped{since}: {seen.stopped}. Then: systemctl restart qaqpa-sync."
    left = seen.certificate_ends - now
    if left <= timedelta(0):
        yield "The certificate has expired: enrol again with qaqpa-sync enroll."
    elif left < _RENEWED_BY_NOW:
        yield f"The certificate ends in {left.days} days and is not renewed: try qaqpa-sync renew."
    if seen.broker_certificate_ends is not None:
        yield from expiry("broker", seen.broker_certificate_ends, now)
    if seen.disk_used >= disk_warning:
        yield f"The outbox's disk is {seen.disk_used:.0%} full: free space; a full one keeps the gate shut."
    if _stuck(seen, now):
        yield "Events wait and the hub confirms none for an hour: look at publisher, network and hub."
    if not seen.clock_synchronised and seen.uptime_seconds > _CLOCK_PATIENCE_SECONDS:
        yield "The clock is not synchronised: connect a time service (timedatectl)."


def expiry(server: str, ends: datetime, now: datetime) -> Iterator[str]:
    """A sentence about the certificate of `broker` or `hub` if somebody has to renew it."""
    renew = f"renew it at the hub with qaqpa-hub ca renew and restart the {server}"
    if ends <= now:
        yield f"The {server}'s certificate has expired, or this clock is ahead: {renew}, or set the clock."
    elif ends - now < RENEW_BY_HAND:
        yield f"The {server}'s certificate ends in {(ends - now).days} days: {renew}."


def _stuck(seen: PublisherStatus, now: datetime) -> bool:
    if seen.oldest is None:
        return False
    last_sign = max(seen.oldest, seen.last_confirmed or seen.oldest)
    return now - last_sign > _SILENT


def _certificate_ends(path: Path) -> datetime:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the certificate {path}", "Check tls.cert") from error
    return certificate.not_valid_after_utc.astimezone(UTC)
