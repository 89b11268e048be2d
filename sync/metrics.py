"""What a Prometheus server reads of a publisher: a file for node_exporter's textfile collector.

A file needs no open port on the gate, and its age tells that the publisher is gone; docs/metrics.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import structlog
from prometheus_client import CollectorRegistry, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from edge.errors import QaqpaError
from sync.settings import PublisherSettings
from sync.status import examine

_SECONDS = 15.0

log = structlog.get_logger()


@dataclass(slots=True)
class Traffic:
    """What the publisher has done since it started; one thread writes, another reads."""

    online: bool = False
    sent: int = 0
    confirmed: int = 0
    connections: int = 0
    failures: int = 0


class PublisherCollector(Collector):
    """Raises OutboxError, ConfigError."""

    def __init__(self, settings: PublisherSettings, traffic: Traffic) -> None:
        self._settings = settings
        self._traffic = traffic

    def collect(self) -> Iterator[Metric]:
        """All families, in the order of the documentation."""
        seen, traffic = examine(self._settings, datetime.now(UTC)), self._traffic
        yield _gauge("online", "Whether the broker is connected.", float(traffic.online))
        yield _gauge("stopped", "Whether it ended and waits for a person.", float(seen.stopped is not None))
        yield _gauge("backlog_events", "Events that wait for the hub.", seen.waiting)
        if seen.oldest is not None:
            yield _gauge(
                "oldest_event_timestamp_seconds", "When the oldest of them happened.", seen.oldest.timestamp()
            )
        if seen.last_confirmed is not None:
            confirmed = seen.last_confirmed.timestamp()
            yield _gauge("last_confirmation_timestamp_seconds", "When the hub last confirmed.", confirmed)
        ends = seen.certificate_ends.timestamp()
        yield _gauge("certificate_expiry_timestamp_seconds", "When the gate's certificate ends.", ends)
        if seen.broker_certificate_ends is not None:
            ends = seen.broker_certificate_ends.timestamp()
            yield _gauge(
                "broker_certificate_expiry_timestamp_seconds", "When the broker's certificate ends.", ends
            )
        yield _gauge("disk_used_ratio", "Used share of the outbox's disk.", seen.disk_used)
        yield _gauge("clock_synchronised", "Whether the clock is right.", float(seen.clock_synchronised))
        yield _counter("sent_events", "Events sent, repetitions included.", traffic.sent)
        yield _counter("confirmed_events", "Events that the hub confirmed.", traffic.confirmed)
        yield _counter("connections", "Connections to the broker.", traffic.connections)
        yield _counter("failures", "Connections that were lost or did not come about.", traffic.failures)


class TextFile:
    """Writes the file again and again, beside the publisher's work."""

    def __init__(self, settings: PublisherSettings, path: Path, traffic: Traffic) -> None:
        self._path = path
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(PublisherCollector(settings, traffic))

    def run(self, stop: Event) -> None:
        """Until `stop` is set, and how it ended. A failure is told and never stops the publisher."""
        while not stop.is_set():
            self.write()
            stop.wait(_SECONDS)
        self.write()

    def write(self) -> None:
        """Whole or not at all: node_exporter never reads half a file."""
        try:
            write_to_textfile(str(self._path), self._registry)
            # node_exporter is another user, and the publisher's umask shuts others out.
            self._path.chmod(0o644)
        except (OSError, QaqpaError) as error:
            log.warning("metrics are not written", file=str(self._path), problem=_told(error))


def _told(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"qaqpa_sync_{name}", told, value=value)


def _counter(name: str, told: str, value: int) -> Metric:
    return CounterMetricFamily(f"qaqpa_sync_{name}", told, value=value)
