"""What a Prometheus server reads from the hub: numbers only, counted anew at each scrape; docs/metrics.md.

Several processes share the database, and some of them have no web server: so counts come from the tables,
and survive a restart.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from edge.errors import ConfigError
from sync.disk import used_share
from sync.hub import store, webhook_queue
from sync.hub.database import Database
from sync.hub.notices import NoticeState
from sync.hub.quarantine import Quarantine
from sync.hub.schema import event, notice, outbox
from sync.hub.sequence import missing_by_gate
from sync.hub.settings import HubSettings
from sync.identity import read_certificate
from sync.wire import Status

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_DAY = timedelta(hours=24)


class HubCollector(Collector):
    """Raises SyncRetryable while the database is away."""

    def __init__(
        self,
        settings: HubSettings,
        database: Database,
        online: Callable[[], bool],
        gates: Callable[[], dict[str, Status]],
        broker_certificate_ends: Callable[[], datetime | None],
    ) -> None:
        self._settings = settings
        self._database = database
        self._online = online
        self._gates = gates
        self._broker_certificate_ends = broker_certificate_ends

    def collect(self) -> Iterator[Metric]:
        """All families, in the order of the documentation."""
        now = datetime.now(UTC)
        yield _gauge("broker_connected", "Whether the pages hear the broker.", float(self._online()))
        yield from self._stored(now)
        yield from self._notices(now)
        yield from self._webhook()
        yield from self._machine()
        yield from _gates(self._gates())

    def _stored(self, now: datetime) -> Iterator[Metric]:
        counts, missing = store.counts(self._database), missing_by_gate(self._database)
        yield _gauge("events", "Events in the database.", counts.events)
        with self._database.read() as connection:
            last = connection.execute(select(func.max(event.c.received))).scalar_one()
        if last is not None:
            told = "When an event was last stored."
            yield _gauge("last_event_timestamp_seconds", told, last.timestamp())
        came = CounterMetricFamily(
            "qaqpa_hub_gate_events",
            "Events of a gate that ever came, kept ones and erased ones.",
            labels=["gate"],
        )
        repeated = CounterMetricFamily(
            "qaqpa_hub_repeated_events", "Events of a gate that came once more.", labels=["gate"]
        )
        for gate, number, more in self._numbers():
            came.add_metric([gate], number - missing.get(gate, 0))
            repeated.add_metric([gate], more)
        yield came
        yield repeated
        yield _by_gate("missing_events", "Numbers of a gate that never came.", missing)
        yield from self._refused(now, counts.quarantined)

    def _refused(self, now: datetime, kept: int) -> Iterator[Metric]:
        quarantine = Quarantine(self._database)
        refused = CounterMetricFamily(
            "qaqpa_hub_refused_messages",
            "Messages that were ever refused, repetitions included.",
            labels=["gate", "problem"],
        )
        for labels, total in quarantine.totals().items():
            refused.add_metric(labels, total)
        yield refused
        yield _gauge("quarantined_messages", "Different messages put aside.", kept)
        recent = quarantine.since(now - _DAY)
        yield _gauge("quarantined_messages_last_day", "Of these, those of the last 24 hours.", recent)

    def _numbers(self) -> list[tuple[str, int, int]]:
        """Of each gate the highest numbers of its outboxes, and the repetitions, in sum."""
        query = select(outbox.c.gate, func.sum(outbox.c.highest), func.sum(outbox.c.repeated))
        with self._database.read() as connection:
            found = connection.execute(query.group_by(outbox.c.gate).order_by(outbox.c.gate))
            return [(gate, int(number), int(more)) for gate, number, more in found]

    def _notices(self, now: datetime) -> Iterator[Metric]:
        waits, state = notice.c.state == NoticeState.WAITING.value, notice.c.state
        since = now - _DAY
        recent = (
            select(func.count())
            .select_from(notice)
            .join(event, notice.c.event == event.c.id)
            .where(event.c.received >= since)
        )
        waiting = (
            select(func.count(), func.min(event.c.received))
            .select_from(notice)
            .join(event, notice.c.event == event.c.id)
            .where(waits)
        )
        with self._database.read() as connection:
            number, oldest = connection.execute(waiting).one()
            late = connection.execute(recent.where(notice.c.late)).scalar_one()
            expired = connection.execute(recent.where(state == NoticeState.EXPIRED.value)).scalar_one()
        yield _gauge("notices_waiting", "Notices that wait to be told.", number)
        yield _gauge(
            "notice_oldest_age_seconds", "Age of the longest waiting notice, 0 if none.", _age(oldest, now)
        )
        yield _gauge("notices_late_last_day", "Told, but late: of events of the last 24 hours.", late)
        yield _gauge(
            "notices_expired_last_day", "Too old to be told: of events of the last 24 hours.", expired
        )

    def _webhook(self) -> Iterator[Metric]:
        counts, now = webhook_queue.counts(self._database), datetime.now(UTC)
        yield _gauge(
            "webhook_waiting_events", "Events that the webhook's receiver has not taken.", counts.waiting
        )
        yield _gauge(
            "webhook_oldest_age_seconds", "Age of the oldest of them, 0 if none.", _age(counts.oldest, now)
        )
        yield _gauge("webhook_given_up_events", "Events given up after their term.", counts.given_up)

    def _machine(self) -> Iterator[Metric]:
        try:
            ends = read_certificate(self._settings.tls.cert).not_valid_after_utc.timestamp()
        except ConfigError:
            ends = 0.0  # long ago: a certificate that cannot be read is alarmed like one that has expired
        yield _gauge("certificate_expiry_timestamp_seconds", "When the hub's certificate ends.", ends)
        if (broker := self._broker_certificate_ends()) is not None:
            yield _gauge(
                "broker_certificate_expiry_timestamp_seconds",
                "When the broker's certificate ends.",
                broker.timestamp(),
            )
        if isinstance(self._settings.database, Path):
            used = used_share(self._settings.database)
            yield _gauge("disk_used_ratio", "Used share of the database's disk; SQLite only.", used)


def _gates(gates: dict[str, Status]) -> Iterable[Metric]:
    """As the gates last said of themselves."""
    yield _by_gate("gate_online", "Whether the publisher is connected.", _of(gates, lambda s: s.online))
    yield _by_gate("gate_backlog_events", "Events that wait in the gate.", _of(gates, lambda s: s.backlog))
    yield _by_gate(
        "gate_disk_used_ratio", "Used share of the outbox's disk.", _of(gates, lambda s: s.disk_used)
    )
    clock = _of(gates, lambda s: s.clock_synchronised)
    yield _by_gate("gate_clock_synchronised", "Whether the gate's clock is right.", clock)
    said = _of(gates, lambda s: s.at.timestamp())
    yield _by_gate("gate_status_timestamp_seconds", "When the gate last said so.", said)


def exposition(collector: Collector) -> bytes:
    """Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return generate_latest(registry)


def _of(gates: dict[str, Status], read: Callable[[Status], float | None]) -> dict[str, float]:
    values = {name: read(status) for name, status in sorted(gates.items())}
    return {name: float(value) for name, value in values.items() if value is not None}


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"qaqpa_hub_{name}", told, value=value)


def _by_gate(name: str, told: str, values: "dict[str, float] | dict[str, int]") -> Metric:
    family = GaugeMetricFamily(f"qaqpa_hub_{name}", told, labels=["gate"])
    for gate, value in sorted(values.items()):
        family.add_metric([gate], value)
    return family


def _age(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max((now - moment).total_seconds(), 0.0)
