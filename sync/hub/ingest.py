"""From MQTT into the database: store, then confirm to the gate, then let the broker forget. In this order."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from threading import Event
from uuid import UUID

import structlog

from edge.domain.ids import Slug
from sync.backoff import Backoff, keep_trying
from sync.hub.lockout import Lockout
from sync.hub.quarantine import Quarantine, Refused
from sync.hub.revocation import Revocations, RevokedNames
from sync.hub.sequence import key_of
from sync.hub.settings import HubSettings
from sync.hub.store import Store
from sync.identity import common_name
from sync.link import Link, Message, connect, in_turn, unique_name
from sync.rows import Row
from sync.wire import (
    MAX_IDS,
    Channel,
    Problem,
    Topic,
    WireError,
    decode,
    decode_status,
    encode_confirmation,
    every_gate,
    parse_topic,
    shared,
)

_WAIT_SECONDS = 0.1
_BATCH = 2000
"""Messages for one transaction at most: under load it costs hardly more than one message."""
_REVOKED = "the device is revoked"
_TOO_FAR = "its number is too far ahead"
_REASONS = 5
"""So many stand in one line of the log, the most frequent."""

log = structlog.get_logger()


class Ingest:
    """Takes what all gates of its schools report. What it cannot understand goes to quarantine.

    Several may work at once. With MQTT 5 they share the messages; with 3.1.1 (NATS) each gets all those of
    its schools, so the workers of a district divide the schools. One that dies leaves nothing behind: its
    session is clean, what it had not confirmed the gates send again, and the database knows what it has.
    """

    def __init__(
        self,
        settings: HubSettings,
        store: Store,
        quarantine: Quarantine,
        lockout: Lockout,
        on_new: Callable[[], None],
    ) -> None:
        """Raises ConfigError for a revocation list that cannot be used."""
        self._settings = settings
        self._next_broker = in_turn(settings.broker)
        self._store = store
        self._quarantine = quarantine
        self._lockout = lockout
        self._on_new = on_new
        self._revoked = RevokedNames(settings.crl, settings.tls.ca)

    def run(self, stop: Event) -> None:
        """Work until `stop` is set. Raises what waiting cannot cure."""
        backoff = Backoff(self._settings.retry.first_seconds, self._settings.retry.longest_seconds)
        keep_trying(lambda: self._session(stop, backoff), stop, backoff)

    def _session(self, stop: Event, backoff: Backoff) -> None:
        prepared = self._prepare()  # first, so that a gate is not greeted by a hub without its database
        name = unique_name(f"qaqpa-{self._settings.school}-hub")
        with connect(self._next_broker(), self._settings.tls, name) as link:
            served = self._settings.served
            attendance = [every_gate(school, Channel.ATTENDANCE) for school in served]
            link.subscribe(
                *(shared(each) if link.shares else each for each in attendance),
                *(every_gate(school, Channel.STATUS) for school in served),
                qos=link.hub_qos,
            )
            log.info("online", mqtt=link.protocol)
            while not stop.is_set():
                messages = link.drain(_WAIT_SECONDS, _BATCH)
                if messages and self._take(link, messages):
                    backoff.reset()
                if datetime.now(UTC).date() != prepared:
                    prepared = self._prepare()
        log.info("stopped")

    def _prepare(self) -> date:
        now = datetime.now(UTC)
        self._store.prepare(now)
        return now.date()

    def _take(self, link: Link, messages: Sequence[Message]) -> bool:
        """Whether events were stored: that the broker answers says nothing of the database."""
        now, revoked = datetime.now(UTC), self._revoked.now()
        came, refused = self._read(link, messages, revoked)
        rows, refused_rows = self._sorted(came, revoked, now)
        refused += refused_rows
        new = self._store.record(rows, now)
        self._quarantine.put(refused, now)
        self._confirm(link, rows)
        for message in messages:
            link.acknowledge(message)
        if new:
            self._on_new()
        if rows:
            log.info("stored", new=new, known=len(rows) - new)
        if refused:
            reasons = Counter(each.problem for each in refused).most_common(_REASONS)
            log.warning("put aside", messages=len(refused), reasons=dict(reasons))
        return bool(rows)

    def _read(
        self, link: Link, messages: Sequence[Message], revoked: Revocations
    ) -> tuple[list[tuple[Message, Row]], list[Refused]]:
        """The events as rows, and what is none; a gate's status is answered at once."""
        came: list[tuple[Message, Row]] = []
        refused: list[Refused] = []
        for message in messages:
            try:
                topic = parse_topic(message.topic)
                if topic.channel is Channel.ATTENDANCE:
                    came.append((message, _row(message, topic)))
                elif common_name(topic.school, topic.gate) not in revoked.out:
                    self._status(link, message, topic)
                elif not message.retained:  # what the broker kept of it is no news
                    raise WireError(_REVOKED, Problem.REVOKED)
            except WireError as error:
                refused.append(Refused(message.topic, error.problem, str(error.args[0]), message.payload))
        return came, refused

    def _sorted(
        self, came: Sequence[tuple[Message, Row]], revoked: Revocations, now: datetime
    ) -> tuple[list[Row], list[Refused]]:
        """Rows to store, and those of a revoked device or with a number that cannot be."""
        read = [row for _, row in came]
        out, far = self._lockout.out(read, revoked, now), self._store.too_far(read)
        rows, refused = list[Row](), list[Refused]()
        for message, row in came:
            if key_of(row) in out:
                refused.append(Refused(message.topic, Problem.REVOKED, _REVOKED, message.payload, row.outbox))
            elif row in far:
                refused.append(Refused(message.topic, Problem.NUMBER, _TOO_FAR, message.payload))
            else:
                rows.append(row)
        return rows, refused

    def _confirm(self, link: Link, rows: Sequence[Row]) -> None:
        by_gate: dict[tuple[Slug, Slug], list[UUID]] = {}
        for row in rows:
            by_gate.setdefault((row.event.school, row.event.gate), []).append(row.event.id)
        for (school, gate), ids in by_gate.items():
            for start in range(0, len(ids), MAX_IDS):
                _answer(link, school, gate, ids[start : start + MAX_IDS])

    def _status(self, link: Link, message: Message, topic: Topic) -> None:
        status = decode_status(message.payload)
        if message.retained and status.online:
            # We have just come: tell this gate that it need not wait to send again.
            _answer(link, topic.school, topic.gate, [])


def _answer(link: Link, school: Slug, gate: Slug, ids: Sequence[UUID]) -> None:
    link.publish(str(Topic(school, gate, Channel.CONFIRMED)), encode_confirmation(ids), qos=link.hub_qos)


def _row(message: Message, topic: Topic) -> Row:
    row = decode(message.payload)
    # The broker lets a gate write to its own topic only: the topic is who it is, the body what it claims.
    if (row.event.school, row.event.gate) != (topic.school, topic.gate):
        raise WireError("topic and body name different gates", Problem.NAME)
    return row
