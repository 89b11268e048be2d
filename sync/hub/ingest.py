"""From MQTT into the database: store, then confirm to the gate, then let the broker forget. In this order."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Event
from uuid import UUID

import structlog

from edge.domain.ids import Slug
from sync.backoff import Backoff, keep_trying
from sync.hub.settings import HubSettings
from sync.hub.store import Refused, Store
from sync.link import Link, Message, connect
from sync.rows import Row
from sync.wire import (
    MAX_IDS,
    Channel,
    Status,
    Topic,
    WireError,
    decode,
    decode_status,
    encode_confirmation,
    every_gate,
    parse_topic,
)

_WAIT_SECONDS = 0.1

log = structlog.get_logger()


class Ingest:
    """Listens to all gates of the school. What it cannot understand goes to quarantine."""

    def __init__(self, settings: HubSettings, store: Store, on_new: Callable[[], None]) -> None:
        self._settings = settings
        self._store = store
        self._on_new = on_new
        self.online = False
        self.gates: dict[str, Status] = {}

    def run(self, stop: Event) -> None:
        """Work until `stop` is set. Raises what waiting cannot cure."""
        backoff = Backoff(self._settings.retry.first_seconds, self._settings.retry.longest_seconds)
        keep_trying(lambda: self._session(stop, backoff), stop, backoff)

    def _session(self, stop: Event, backoff: Backoff) -> None:
        name = f"qaqpa-{self._settings.school}-hub"
        try:
            with connect(self._settings.broker, self._settings.tls, name) as link:
                school = self._settings.school
                link.subscribe(every_gate(school, Channel.ATTENDANCE), every_gate(school, Channel.STATUS))
                self.online = True
                log.info("online", mqtt=link.protocol)
                while not stop.is_set():
                    messages = link.drain(_WAIT_SECONDS, MAX_IDS)
                    if messages and self._take(link, messages):
                        backoff.reset()
        finally:
            self.online = False
        log.info("stopped")

    def _take(self, link: Link, messages: Sequence[Message]) -> bool:
        """Whether events were stored: that the broker answers says nothing of the database."""
        now = datetime.now(UTC)
        rows: list[Row] = []
        refused: list[Refused] = []
        for message in messages:
            try:
                topic = parse_topic(message.topic)
                if topic.channel is Channel.ATTENDANCE:
                    rows.append(_row(message, topic))
                else:
                    self._status(link, message, topic)
            except WireError as error:
                refused.append(Refused(message.topic, str(error.args[0]), message.payload))
        new = self._store.record(rows, now)
        self._store.quarantine(refused, now)
        self._confirm(link, rows)
        for message in messages:
            link.acknowledge(message)
        if new:
            self._on_new()
        if rows or refused:
            log.info("stored", new=new, known=len(rows) - new, refused=len(refused))
        return bool(rows)

    def _confirm(self, link: Link, rows: Sequence[Row]) -> None:
        by_gate: dict[Slug, list[UUID]] = {}
        for row in rows:
            by_gate.setdefault(row.event.gate, []).append(row.event.id)
        for gate, ids in by_gate.items():
            for start in range(0, len(ids), MAX_IDS):
                self._answer(link, gate, ids[start : start + MAX_IDS])

    def _status(self, link: Link, message: Message, topic: Topic) -> None:
        status = decode_status(message.payload)
        self.gates[topic.gate.value] = status
        if message.retained and status.online:
            # We have just come: tell this gate that it need not wait to send again.
            self._answer(link, topic.gate, [])

    def _answer(self, link: Link, gate: Slug, ids: Sequence[UUID]) -> None:
        topic = Topic(self._settings.school, gate, Channel.CONFIRMED)
        link.publish(str(topic), encode_confirmation(ids))


def _row(message: Message, topic: Topic) -> Row:
    row = decode(message.payload)
    # The broker lets a gate write to its own topic only: the topic is who it is, the body what it claims.
    if (row.event.school, row.event.gate) != (topic.school, topic.gate):
        raise WireError("topic and body name different gates")
    return row
