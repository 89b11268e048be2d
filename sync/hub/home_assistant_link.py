"""Keeps Home Assistant's broker told, or takes everything back from it; its faults never stop the hub."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from zoneinfo import ZoneInfo

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.errors import ConfigError, QaqpaError, SyncRetryable
from sync.backoff import Backoff
from sync.hub.database import Database
from sync.hub.home_assistant import OFFLINE, ONLINE, Names, discovery, states
from sync.hub.integration_settings import HomeAssistantSettings
from sync.hub.settings import HubSettings
from sync.link import Link, unique_name
from sync.settings import BrokerSettings
from sync.tls import CONNECT_SECONDS
from sync.wire import Status

_LOOK_SECONDS = 0.5
_SETTLE_SECONDS = 3.0
"""A broker sends what it retains at once: after so long a silence there is no more."""

log = structlog.get_logger()


class HomeAssistant:
    """Publishes while enabled; where it is not, removes what it once published and ends."""

    def __init__(
        self,
        settings: HubSettings,
        own: HomeAssistantSettings,
        database: Database,
        gates: Callable[[], dict[str, Status]],
    ) -> None:
        self._own = own
        self._retry = settings.retry
        self._school = settings.school
        self._zone = ZoneInfo(settings.time_zone)
        self._names = Names(settings.school, own.discovery_prefix)
        self._database = database
        self._gates = gates

    def run(self, stop: Event) -> None:
        """Work until `stop` is set. Raises nothing: the gates and the parents come first."""
        backoff = Backoff(self._retry.first_seconds, max(self._retry.longest_seconds, 60.0))
        done = False
        while not stop.is_set() and not done:
            try:
                with self._connected() as link:
                    backoff.reset()
                    done = self._publish(link, stop) if self._own.enabled else self._remove(link, stop)
            except QaqpaError as error:
                pause = backoff.next()
                log.warning("home assistant", problem=str(error), retry_in=round(pause, 1))
                stop.wait(pause)
        stop.wait()  # a part of the hub that ends would end the hub

    def _publish(self, link: Link, stop: Event) -> bool:
        link.publish(self._names.availability, ONLINE, retain=True)
        log.info("home assistant is told", gates=len(self._gates()))
        told: dict[str, bytes] = {}
        next_look = time.monotonic()
        while not stop.is_set():
            if time.monotonic() >= next_look:
                self._tell_changes(link, told)
                next_look = time.monotonic() + self._own.interval_seconds
            link.step(_LOOK_SECONDS)
        link.publish(self._names.availability, OFFLINE, retain=True)
        link.step(_LOOK_SECONDS)
        return True

    def _tell_changes(self, link: Link, told: dict[str, bytes]) -> None:
        gates = self._gates()
        values = states(self._names, gates, self._database, datetime.now(UTC), self._zone)
        for topic, payload in (*discovery(self._names, gates), *values):
            if told.get(topic) != payload:
                link.publish(topic, payload, retain=True)
                told[topic] = payload

    def _remove(self, link: Link, stop: Event) -> bool:
        """An empty retained message removes an entity, and a topic from the broker."""
        link.subscribe(*self._names.own)
        removed, quiet_at = 0, time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < quiet_at and not stop.is_set():
            for message in link.step(_LOOK_SECONDS):
                link.acknowledge(message)
                if message.payload:
                    link.publish(message.topic, b"", retain=True)
                    removed += 1
                    quiet_at = time.monotonic() + _SETTLE_SECONDS
        log.info("home assistant is off", removed=removed)
        return True

    @contextmanager
    def _connected(self) -> Iterator[Link]:
        own, context = self._own, _context(self._own)
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=unique_name(f"qaqpa-{self._school}-ha"),
            protocol=MQTTProtocolVersion.MQTTv311,
            clean_session=True,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_SECONDS
        if own.tls:
            client.tls_set_context(context)
        if own.username is not None:
            client.username_pw_set(own.username, _password(own))
        if own.enabled:
            client.will_set(self._names.availability, OFFLINE, qos=1, retain=True)
        with Link(client) as link:
            answer = link.dial(BrokerSettings(host=own.host, port=own.port), context)
            if answer.is_failure:
                raise SyncRetryable(
                    f"Home Assistant's broker refuses the hub ({answer})",
                    "Check home_assistant.username and its password",
                )
            yield link


def _context(own: HomeAssistantSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=own.ca)
        if own.cert is not None:
            context.load_cert_chain(own.cert, own.key, password=lambda: b"")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the certificate files cannot be used ({type(error).__name__})",
            "Check the section [home_assistant]",
        ) from error
    return context


def _password(own: HomeAssistantSettings) -> str | None:
    if own.password_file is None:
        return None
    try:
        return own.password_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot read {own.password_file} ({type(error).__name__})", "Check home_assistant.password_file"
        ) from error
