"""One MQTT connection over mutual TLS, driven by its caller: no thread, no lock, no memory of the last one.

MQTT 5, and 3.1.1 where the broker speaks nothing newer. A failure is SyncTerminal where a person must act
and SyncRetryable where waiting helps. A new connection is a new Link; what was under way is the caller's
to repeat.
"""

import secrets
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from random import SystemRandom
from types import TracebackType

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import SyncRetryable, SyncTerminal
from sync.settings import BrokerSettings, TlsSettings
from sync.tls import CONNECT_SECONDS, certificate_ends, client_context, explain, why_dropped

KEEPALIVE_SECONDS = 15
_RECEIVE_MAXIMUM = 65_535
"""How many messages a broker takes before it answers, if it says nothing: MQTT 5, section 3.2.2.3.3."""
# Reason codes of MQTT 5, section 2.4; paho maps the return codes of 3.1.1 to them.
_UNSUPPORTED_PROTOCOL = 132
_NO_SUBSCRIBERS = 16
_NOT_AUTHORISED = 135
_TOPIC_INVALID, _PAYLOAD_INVALID = 144, 153
_REFUSED_FOR_GOOD = {133, 134, _NOT_AUTHORISED, 138, 140}
_CHECK_RIGHTS = "Check that the certificate names this gate or hub, and the broker's ACL"
_COMES_BACK = "Nothing is lost; it is tried again by itself"


@dataclass(frozen=True, slots=True)
class Message:
    """What the broker delivered; `mid` is for `acknowledge`."""

    topic: str
    payload: bytes
    retained: bool
    mid: int


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when this connection is lost."""

    topic: str
    payload: bytes


class Link:
    """An open connection. Use `connect`; `step` does all the work; `close` says goodbye."""

    def __init__(self, client: mqtt.Client) -> None:
        self._client = client
        self._answer: ReasonCode | None = None
        self._subscribed: list[ReasonCode] | None = None
        self._inbox: list[Message] = []
        self._receive_maximum, self._unanswered = _RECEIVE_MAXIMUM, 0
        self._waiting: deque[tuple[str, bytes, bool, int]] = deque()
        self._refusal: ReasonCode | None = None
        self.no_subscribers = False
        """Whether the broker said of the last message that nobody listens (MQTT 5 only)."""
        self.certificate_ends: datetime | None = None
        """When the broker's certificate runs out, once it has been seen."""
        self._parting = ""
        client.on_socket_open = self._on_socket_open
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect

    def __enter__(self) -> "Link":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def protocol(self) -> str:
        """What was agreed with the broker."""
        return "5" if self._client.protocol == MQTTProtocolVersion.MQTTv5 else "3.1.1"

    @property
    def shares(self) -> bool:
        """Whether several clients can share one subscription: a part of MQTT 5."""
        return self._client.protocol == MQTTProtocolVersion.MQTTv5

    @property
    def hub_qos(self) -> int:
        """Of what passes between broker and hub, and back to a gate; a gate always sends with QoS 1.

        0 with 3.1.1: NATS would replicate a consumer for each subscription and store each confirmation. What
        is lost on the way the gate sends again. 1 with MQTT 5, where the broker then waits for a slow hub.
        """
        return 1 if self.shares else 0

    def step(self, seconds: float) -> list[Message]:
        """Send and receive for at most this long; returns at once when something arrived.

        Raises SyncRetryable when the connection is lost or the broker takes no more for now, SyncTerminal
        when it refuses a message for good.
        """
        return self._received(self._client.loop(seconds))

    def _read(self) -> list[Message]:
        """What is here already, without a look at anything else."""
        return self._received(self._client.loop_read())

    def _received(self, result: MQTTErrorCode) -> list[Message]:
        if self._refusal is not None:
            raise _refused(self._refusal)
        if result != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise SyncRetryable(f"the connection to the broker is lost{self._parting}", _COMES_BACK)
        messages, self._inbox = self._inbox, []
        return messages

    def drain(self, seconds: float, limit: int) -> list[Message]:
        """`step`, then everything else that is here already, up to `limit`."""
        messages = self.step(seconds)
        while messages and len(messages) < limit:
            more = self._read()
            if not more:
                break
            messages += more
        return messages

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> None:
        """The broker's PUBACK proves nothing, not even that anybody listens (reason 16 is a success).

        Only the hub's own confirmation proves that an event arrived.
        """
        if self._unanswered < self._receive_maximum:
            self._send(topic, payload, retain, qos)
        else:
            self._waiting.append((topic, payload, retain, qos))

    def _send(self, topic: str, payload: bytes, retain: bool, qos: int) -> None:
        self._unanswered += 1  # paho reports the end of a QoS 0 message too: when it is on its way
        self._client.publish(topic, payload, qos=qos, retain=retain)

    def subscribe(self, *topics: str, qos: int = 1) -> None:
        """Returns when the broker has agreed. Raises SyncTerminal if it does not."""
        self._subscribed = None
        self._client.subscribe([(topic, qos) for topic in topics])
        deadline = time.monotonic() + CONNECT_SECONDS
        early: list[Message] = []
        while self._subscribed is None:
            if time.monotonic() > deadline:
                raise SyncRetryable("the broker does not answer", _COMES_BACK)
            early += self.step(0.1)
        self._inbox = early + self._inbox
        if any(code.is_failure for code in self._subscribed):
            raise SyncTerminal(
                "the broker does not let this certificate read its topics (not authorised)", _CHECK_RIGHTS
            )

    def acknowledge(self, message: Message) -> None:
        """Tell the broker that this message needs no second delivery; with QoS 0 there is none."""
        if message.mid:
            self._client.ack(message.mid, 1)

    def close(self) -> None:
        """Say goodbye, so that the broker keeps the last will to itself."""
        self._client.disconnect()
        self._client.loop(0)

    def dial(self, broker: BrokerSettings, context: ssl.SSLContext) -> ReasonCode:
        """Connect and return the broker's answer, good or bad. Raises SyncTerminal or SyncRetryable."""
        try:
            self._client.connect(broker.host, broker.port, KEEPALIVE_SECONDS)
        except OSError as error:
            raise explain(error) from error
        if isinstance(connection := self._client.socket(), ssl.SSLSocket):
            self.certificate_ends = certificate_ends(connection)
        deadline = time.monotonic() + CONNECT_SECONDS
        while self._answer is None:
            if time.monotonic() > deadline:
                self.close()
                raise SyncRetryable("the broker does not answer", _COMES_BACK)
            if self._client.loop(0.1) != MQTTErrorCode.MQTT_ERR_SUCCESS and self._answer is None:
                raise why_dropped(broker, context)
        return self._answer

    def _on_socket_open(self, client: mqtt.Client, userdata: object, opened: object) -> None:
        # Two small packets in a row would else wait 40 ms for each other (Nagle's algorithm).
        if isinstance(opened, socket.socket):
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _on_connect(
        self, client: mqtt.Client, userdata: object, flags: object, reason: ReasonCode, properties: object
    ) -> None:
        self._answer = reason
        self._receive_maximum = getattr(properties, "ReceiveMaximum", _RECEIVE_MAXIMUM)

    def _on_subscribe(
        self, client: mqtt.Client, userdata: object, mid: int, reasons: list[ReasonCode], properties: object
    ) -> None:
        self._subscribed = reasons

    def _on_message(self, client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._inbox.append(Message(topic, bytes(message.payload), message.retain, message.mid))

    def _on_publish(
        self, client: mqtt.Client, userdata: object, mid: int, reason: ReasonCode, properties: object
    ) -> None:
        self._unanswered -= 1
        if self._waiting:
            self._send(*self._waiting.popleft())
        self.no_subscribers = reason.value == _NO_SUBSCRIBERS
        if reason.is_failure:
            self._refusal = reason

    def _on_disconnect(
        self, client: mqtt.Client, userdata: object, flags: object, reason: ReasonCode, properties: object
    ) -> None:
        self._parting = f" ({reason})" if reason.is_failure else ""


def in_turn(broker: BrokerSettings) -> Callable[[], BrokerSettings]:
    """Each call gives the next broker of the cluster; the first is random, so that the gates spread."""
    each: Sequence[BrokerSettings] = broker.each()
    order = cycle(SystemRandom().sample(each, len(each)))
    return lambda: next(order)


def unique_name(role: str) -> str:
    """A client id for one of several processes with this role: a broker drops the older of two namesakes."""
    return f"{role}-{secrets.token_hex(4)}"


def _refused(reason: ReasonCode) -> SyncTerminal | SyncRetryable:
    """A PUBACK that says no: quota, load and what the broker leaves unsaid pass, the rest does not."""
    if reason.value == _NOT_AUTHORISED:
        return SyncTerminal(
            "the broker does not let this certificate write to its topics (not authorised)", _CHECK_RIGHTS
        )
    if reason.value in {_TOPIC_INVALID, _PAYLOAD_INVALID}:
        return SyncTerminal(f"the broker refuses what this version sends ({reason})", "Check its limits")
    return SyncRetryable(f"the broker takes no message now ({reason})", _COMES_BACK)


def connect(broker: BrokerSettings, tls: TlsSettings, client_id: str, will: Will | None = None) -> Link:
    """A new connection with a clean session. Raises SyncTerminal or SyncRetryable."""
    context = client_context(tls)
    for protocol in (MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311):
        link = Link(new_client(protocol, context, client_id, will))
        answer = link.dial(broker, context)
        if not answer.is_failure:
            return link
        link.close()
        if answer.value in _REFUSED_FOR_GOOD:
            raise SyncTerminal(f"the broker refuses this client ({answer})", _CHECK_RIGHTS)
        if answer.value != _UNSUPPORTED_PROTOCOL:
            raise SyncRetryable(f"the broker is not ready ({answer})", _COMES_BACK)
    raise SyncTerminal("the broker speaks neither MQTT 5 nor 3.1.1", "Use Mosquitto 1.6 or newer, or NATS")


def new_client(
    protocol: MQTTProtocolVersion, context: ssl.SSLContext, client_id: str, will: Will | None
) -> mqtt.Client:
    """Not connected yet; whoever drives it acknowledges what it receives."""
    newer = protocol == MQTTProtocolVersion.MQTTv5
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        protocol=protocol,
        clean_session=None if newer else True,
        reconnect_on_failure=False,
        manual_ack=True,
    )
    client.connect_timeout = CONNECT_SECONDS
    client.max_inflight_messages_set(
        0
    )  # paho's own limit is 20, whatever the broker takes; Link keeps to that
    client.tls_set_context(context)
    if will is not None:
        client.will_set(will.topic, will.payload, qos=1, retain=True)
    return client
