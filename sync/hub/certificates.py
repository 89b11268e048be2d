"""The certificates that only a person renews: the hub's own file, and the broker's as it shows it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from edge.errors import ConfigError, PeerExpired, SyncRetryable, SyncTerminal
from sync.hub.settings import HubSettings
from sync.identity import read_certificate
from sync.status import expiry
from sync.tls import broker_certificate_ends


@dataclass(frozen=True, slots=True)
class Certificates:
    """When they end, None where that cannot be seen now, and a sentence for each that needs somebody."""

    hub: datetime | None
    broker: datetime | None
    problems: list[str]


def look(settings: HubSettings, now: datetime) -> Certificates:
    """Shakes hands with each broker; one that is away is no problem of its certificate."""
    hub, problems = None, list[str]()
    try:
        hub = read_certificate(settings.tls.cert).not_valid_after_utc.astimezone(UTC)
        problems += expiry("hub", hub, now)
    except ConfigError as error:
        problems.append(str(error))
    shown: list[datetime] = []
    for broker in settings.broker.each():
        try:
            shown.append(broker_certificate_ends(broker, settings.tls))
        except (PeerExpired, SyncTerminal) as error:
            problems.append(str(error))
        except SyncRetryable:
            continue
    if shown:
        problems += expiry("broker", min(shown), now)
    return Certificates(hub, min(shown, default=None), list(dict.fromkeys(problems)))
