"""The publisher: every publishable row of the outbox goes to the hub, in order, until the hub confirms it.

Rows are sent through a window. Whatever stays unconfirmed for too long is read from the outbox and sent
again, from the first row on, after waiting times that grow; a word from the hub resets them. Nothing here is
state that a crash could lose.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from threading import Event
from typing import Protocol
from uuid import UUID

import structlog
from msgspec.structs import replace

from edge import device_clock
from edge.errors import QaqpaError, SyncTerminal
from sync import condition
from sync.backoff import Backoff, keep_trying
from sync.condition import Condition
from sync.disk import used_share
from sync.link import Link, Message, Will, connect, in_turn
from sync.metrics import Traffic
from sync.outbox import Outbox
from sync.rows import Row
from sync.settings import PublisherSettings
from sync.tls import RENEW_BY_HAND
from sync.wire import (
    Channel,
    Status,
    Topic,
    WireError,
    decode_confirmation,
    encode,
    encode_status,
)

_POLL_SECONDS = 0.02
_STATUS_SECONDS = 60.0

log = structlog.get_logger()


class Rows(Protocol):
    """What the window needs of an outbox."""

    def changed(self) -> bool:
        """See Outbox.changed."""

    def pending(self, limit: int, after: int = 0) -> list[Row]:
        """See Outbox.pending."""

    def confirm(self, ids: Iterable[UUID]) -> int:
        """See Outbox.confirm."""


class Window:
    """Which rows were sent and wait for the hub; decides what to send next. Knows no network."""

    def __init__(self, outbox: Rows, size: int, backoff: Backoff) -> None:
        self._outbox = outbox
        self._size = size
        self._backoff = backoff
        self._sent: set[UUID] = set()
        self._last = 0
        self._deadline = 0.0
        self._look = True

    def next_rows(self, now: float) -> list[Row]:
        """Rows to send now, in order. Raises OutboxError."""
        if self._sent and now >= self._deadline:
            log.warning("the hub does not confirm; sending again", waiting=len(self._sent))
            self.rewind()
        room = self._size - len(self._sent)
        # The order matters: a change that comes after this question is seen by the next one.
        self._look = self._outbox.changed() or self._look
        if not (self._look and room):
            return []
        rows = self._outbox.pending(room, self._last)
        self._look = len(rows) == room
        if not rows:
            return []
        if not self._sent:
            self._deadline = now + self._backoff.next()
        self._sent.update(row.event.id for row in rows)
        self._last = rows[-1].number
        return rows

    def greeted(self) -> None:
        """The hub has just come back: nothing that it was sent before counts."""
        self._backoff.reset()
        self.rewind()

    def confirmed(self, ids: Sequence[UUID], now: float) -> int:
        """The hub has stored these rows: forget them. Raises OutboxError."""
        self._backoff.reset()
        gone = self._outbox.confirm(ids)
        self._sent.difference_update(ids)
        self._look = True
        self._deadline = now + self._backoff.next()
        return gone

    def rewind(self) -> None:
        """Begin again at the first unconfirmed row."""
        self._sent.clear()
        self._last = 0
        self._look = True


class Publisher:
    """The process around the window: connects, sends, listens, and waits when it must."""

    def __init__(
        self, settings: PublisherSettings, outbox: Outbox, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._outbox = outbox
        self._clock = clock
        self.traffic = Traffic()
        self._condition: Condition | None = None
        self._next_broker = in_turn(settings.broker)
        self._attendance = str(Topic(settings.school, settings.gate, Channel.ATTENDANCE))
        self._status = str(Topic(settings.school, settings.gate, Channel.STATUS))
        self._confirmed = str(Topic(settings.school, settings.gate, Channel.CONFIRMED))

    def run(self, stop: Event) -> None:
        """Work until `stop` is set. Raises what waiting cannot cure; the reason stays beside the outbox."""
        backoff = self._backoff()
        try:
            keep_trying(lambda: self._counted(stop, backoff), stop, backoff)
        except SyncTerminal as error:
            before = self._condition or Condition()
            self._note(replace(before, stopped=str(error), stopped_at=datetime.now(UTC)))
            raise

    def _counted(self, stop: Event, backoff: Backoff) -> None:
        try:
            self._session(stop, backoff)
        except QaqpaError:
            self.traffic.failures += 1
            raise
        finally:
            self.traffic.online = False

    def _session(self, stop: Event, backoff: Backoff) -> None:
        gone = Will(self._status, encode_status(Status(online=False, backlog=0, at=datetime.now(UTC))))
        name = f"qaqpa-{self._settings.school}-{self._settings.gate}"
        with connect(self._next_broker(), self._settings.tls, name, gone) as link:
            link.subscribe(self._confirmed, qos=link.hub_qos)
            self.traffic.connections += 1
            self.traffic.online = True
            log.info("online", mqtt=link.protocol, backlog=self._outbox.backlog().count)
            self._look_at(link.certificate_ends)
            window = Window(self._outbox, self._settings.window, self._backoff())
            next_status, alone = self._clock(), False
            while not stop.is_set():
                if self._clock() >= next_status:
                    self._say(link, online=True)
                    next_status = self._clock() + _STATUS_SECONDS
                for row in window.next_rows(self._clock()):
                    self._send(link, row)
                if messages := link.drain(_POLL_SECONDS, self._settings.window):
                    self._hear(link, window, messages)
                    backoff.reset()
                alone = self._note_silence(link, alone)
            self._say(link, online=False)
        log.info("stopped", backlog=self._outbox.backlog().count)

    def _look_at(self, broker_certificate_ends: datetime | None) -> None:
        """The gates see the broker's certificate; at the hub it is only a file that somebody copied."""
        self._note(Condition(broker_certificate_ends))
        if broker_certificate_ends and broker_certificate_ends - datetime.now(UTC) < RENEW_BY_HAND:
            log.warning(
                "the broker's certificate ends soon",
                ends=broker_certificate_ends.isoformat(timespec="seconds"),
                remedy="renew it at the hub: qaqpa-hub ca renew",
            )

    def _note(self, seen: Condition) -> None:
        if seen != self._condition:
            condition.note(self._outbox.path, seen)
            self._condition = seen

    def _send(self, link: Link, row: Row) -> None:
        if (row.event.school, row.event.gate) != (self._settings.school, self._settings.gate):
            raise SyncTerminal(
                "the outbox holds events of another gate",
                "Name the outbox, the school and the gate that belong together in the configuration",
            )
        link.publish(self._attendance, encode(row))
        self.traffic.sent += 1

    def _hear(self, link: Link, window: Window, messages: Iterable[Message]) -> None:
        """All that came at once costs one transaction of the outbox."""
        ids: list[UUID] = []
        greeted = False
        for message in messages:
            link.acknowledge(message)
            try:
                if message.topic != self._confirmed:
                    raise WireError("not a topic that this gate listens to")
                confirmation = decode_confirmation(message.payload)
            except WireError as error:
                log.warning("ignored a message", problem=str(error))
                continue
            ids += confirmation.ids
            greeted = greeted or not confirmation.ids
        if ids:
            gone = window.confirmed(ids, self._clock())
            self.traffic.confirmed += gone
            log.info("confirmed", events=gone)
        if greeted:
            window.greeted()

    def _note_silence(self, link: Link, before: bool) -> bool:
        """The broker takes messages although nobody listens: told once, and nothing counts as sent by it."""
        if link.no_subscribers and not before:
            log.warning("no hub listens; events stay here and are sent again")
        return link.no_subscribers

    def _say(self, link: Link, *, online: bool) -> None:
        disk_used = used_share(self._outbox.path)
        if disk_used >= self._settings.disk_warning:
            log.warning(
                "disk", used=round(disk_used, 3), remedy="free space: a full disk keeps the gate shut"
            )
        status = Status(
            online=online,
            backlog=self._outbox.backlog().count,
            at=datetime.now(UTC),
            disk_used=round(disk_used, 3),
            clock_synchronised=device_clock.synchronised(),
        )
        link.publish(self._status, encode_status(status), retain=True)

    def _backoff(self) -> Backoff:
        return Backoff(self._settings.retry.first_seconds, self._settings.retry.longest_seconds)
