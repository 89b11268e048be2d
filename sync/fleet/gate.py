"""A simulated gate: a real MQTT session over mutual TLS and the publisher's own window, over rows in memory.

What a gate's disk does is not simulated; everything from the window to the hub's confirmation is real.
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import paho.mqtt.client as mqtt
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.domain.events import AttendanceEvent, Direction, Kind, Method
from edge.domain.ids import ChildId, uuid7
from edge.errors import QaqpaError, SyncRetryable
from sync.backoff import Backoff
from sync.identity import Identity
from sync.link import KEEPALIVE_SECONDS, Will, in_turn, new_client
from sync.publisher import Window
from sync.rows import Row
from sync.settings import BrokerSettings, RetrySettings, TlsSettings
from sync.tls import client_context, explain, why_dropped
from sync.wire import Channel, Status, Topic, decode_confirmation, encode, encode_status

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike  # paho has it for type checkers only

_WINDOW = 100
_STATUS_SECONDS = 60.0
_PATIENCE_SECONDS = 15.0
"""Until a broker takes us; longer than a real gate's, because here thousands share one thread."""

_RETRY = RetrySettings()
_HUNG_UP = SyncRetryable("the broker hung up", "See its log")
_random = Random()  # noqa: S311 # invented children


SocketHook = Callable[["SocketLike"], None]


class Rows:
    """An outbox in memory: what happened and is not confirmed, and how long confirmed rows took."""

    def __init__(self) -> None:
        self.id = uuid4()
        self.number = 0
        self.seconds: list[float] = []
        self._rows: dict[int, Row] = {}
        self._since: dict[UUID, tuple[int, float]] = {}
        self._changed = False

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def waiting(self) -> list[int]:
        """Numbers of rows that are not confirmed."""
        return list(self._rows)

    def add(self, identity: Identity) -> None:
        """A child passes."""
        self.number += 1
        event = AttendanceEvent(
            id=uuid7(), school=identity.school, gate=identity.gate,
            child=ChildId(f"{_random.getrandbits(128):032x}"), direction=_random.choice(list(Direction)),
            occurred=datetime.now(UTC), clock_synchronised=True, method=Method.FACE, kind=Kind.PASSED,
        )  # fmt: skip
        self._rows[self.number] = Row(self.id, self.number, event)
        self._since[event.id] = self.number, time.monotonic()
        self._changed = True

    def changed(self) -> bool:
        """As Outbox.changed."""
        changed, self._changed = self._changed, False
        return changed

    def pending(self, limit: int, after: int = 0) -> list[Row]:
        """As Outbox.pending."""
        return list(islice((row for number, row in self._rows.items() if number > after), limit))

    def confirm(self, ids: Iterable[UUID]) -> int:
        """As Outbox.confirm; a second confirmation of a row changes nothing."""
        known = [found for each in ids if (found := self._since.pop(each, None)) is not None]
        now = time.monotonic()
        for number, since in known:
            del self._rows[number]
            self.seconds.append(now - since)
        return len(known)


class Gate:
    """Whoever drives it calls `work` when its socket can be read and about once a second."""

    def __init__(self, identity: Identity, broker: BrokerSettings, tls: TlsSettings) -> None:
        self.identity = identity
        self.rows = Rows()
        self.sent_again = 0
        self.sessions = 0
        self.ready = False
        self.problem: QaqpaError | None = None
        """Why it is not connected; None while it is, or before the first try."""
        self.retry_at = 0.0
        self._next_broker = in_turn(broker)
        self._tls = tls
        self._backoff = Backoff(_RETRY.first_seconds, _RETRY.longest_seconds)
        self._attendance, self._status, self._confirmed = (
            str(Topic(identity.school, identity.gate, channel))
            for channel in (Channel.ATTENDANCE, Channel.STATUS, Channel.CONFIRMED)
        )
        self._client: mqtt.Client | None = None
        self._window = self._new_window()
        self._next_status = 0.0
        self._give_up_at = 0.0
        self._highest = 0

    @property
    def connected(self) -> bool:
        """Whether there is a connection, or one on its way."""
        return self._client is not None

    def connect(self, opened: SocketHook, closing: SocketHook) -> None:
        """Try the next broker; tells when its socket opens and is about to close."""
        broker = self._next_broker()
        gone = Will(self._status, encode_status(_online(online=False, backlog=0)))
        name = f"qaqpa-{self.identity.school}-{self.identity.gate}"
        client = new_client(MQTTProtocolVersion.MQTTv311, client_context(self._tls), name, gone)
        client.on_connect, client.on_subscribe = self._on_connect, self._on_subscribe
        client.on_message = self._on_message
        client.on_socket_open = lambda client, userdata, its: opened(its)
        client.on_socket_close = lambda client, userdata, its: closing(its)
        self._give_up_at = time.monotonic() + _PATIENCE_SECONDS
        try:
            client.connect(broker.host, broker.port, KEEPALIVE_SECONDS)
        except OSError as error:
            self._lost(explain(error))
            return
        self._client = client

    def work(self, now: float, *, readable: bool = False) -> None:
        """Receive, send what is due, keep alive; a connection that is lost is given up."""
        if self._client is not None and not self._work(self._client, now, readable):
            self._client.disconnect()
            self._client.loop_misc()
            self._lost(self.problem or _HUNG_UP)

    def _work(self, client: mqtt.Client, now: float, readable: bool) -> bool:
        if not self.ready and now > self._give_up_at:
            return False
        if readable and not _read(client):
            return False
        if client.want_write():
            client.loop_write()
        if client.loop_misc() != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        if self.ready:
            self._send(client, now)
        return True

    def why(self) -> QaqpaError | None:
        """What keeps it from being connected; asks a broker once more that only hung up."""
        if self.problem is not _HUNG_UP:
            return self.problem
        return why_dropped(self._next_broker(), client_context(self._tls))

    def _lost(self, problem: QaqpaError) -> None:
        self._client, self.ready, self.problem = None, False, problem
        self.retry_at = time.monotonic() + self._backoff.next()

    def close(self) -> None:
        """Say goodbye."""
        if self._client is not None:
            self._client.publish(
                self._status, encode_status(_online(online=False, backlog=len(self.rows))), 1, retain=True
            )
            self._client.disconnect()
            self._client.loop_write()
            self.ready, self._client = False, None

    def _send(self, client: mqtt.Client, now: float) -> None:
        for row in self._window.next_rows(now):
            client.publish(self._attendance, encode(row), qos=1)
            self.sent_again += row.number <= self._highest
            self._highest = max(self._highest, row.number)
        if now >= self._next_status:
            self._next_status = now + _STATUS_SECONDS
            client.publish(
                self._status, encode_status(_online(online=True, backlog=len(self.rows))), 1, retain=True
            )

    def _new_window(self) -> Window:
        return Window(self.rows, _WINDOW, Backoff(_RETRY.first_seconds, _RETRY.longest_seconds))

    def _on_connect(
        self, client: mqtt.Client, userdata: object, flags: object, reason: ReasonCode, properties: object
    ) -> None:
        if reason.is_failure:
            self.problem = SyncRetryable(
                f"the broker refuses this client ({reason})", "Check --ca and --fleet"
            )
        else:
            client.subscribe(self._confirmed, 0)

    def _on_subscribe(
        self, client: mqtt.Client, userdata: object, mid: int, reasons: list[ReasonCode], properties: object
    ) -> None:
        if not any(code.is_failure for code in reasons):
            self.sessions += 1
            self._window, self.ready, self._next_status = self._new_window(), True, 0.0
            self.problem = None

    def _on_message(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        self._backoff.reset()
        ids = decode_confirmation(bytes(message.payload)).ids
        if ids:
            self._window.confirmed(ids, time.monotonic())
        else:
            self._window.greeted()


def _read(client: mqtt.Client) -> bool:
    """Everything that is here, also what TLS has unpacked already."""
    while True:
        if client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        pending: Callable[[], int] | None = getattr(client.socket(), "pending", None)
        if pending is None or not pending():
            return client.socket() is not None


def _online(*, online: bool, backlog: int) -> Status:
    return Status(online=online, backlog=backlog, at=datetime.now(UTC))
