"""The hub's processes: ingest, notifier and pages, each for itself or all in one; one falls, all stop."""

import socket
from collections.abc import Callable, Collection
from contextlib import closing
from datetime import timedelta
from enum import Enum
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from edge.errors import ConfigError, SyncRetryable
from sync.backoff import Backoff
from sync.hub.channels import send, warm_up
from sync.hub.database import Database
from sync.hub.home_assistant_link import HomeAssistant
from sync.hub.ingest import Ingest
from sync.hub.lockout import Lockout
from sync.hub.notices import NoticeQueue
from sync.hub.notify import Notifier
from sync.hub.presence import Presence
from sync.hub.quarantine import Quarantine
from sync.hub.settings import HttpSettings, HubSettings
from sync.hub.store import Store
from sync.hub.webhook import Webhook
from sync.hub.webhook_queue import WebhookQueue

if TYPE_CHECKING:
    import uvicorn

log = structlog.get_logger()

_Part = Callable[[Event], None]


class Role(Enum):
    """What a process of the hub can do; of each but the pages there may be several processes."""

    INGEST = "ingest"
    NOTIFY = "notify"
    WEBHOOK = "webhook"
    WEB = "web"
    HOME_ASSISTANT = "home assistant"


def serve(settings: HubSettings, roles: Collection[Role], stop: Event) -> None:
    """Work until a signal comes. Raises the error of the part that could not go on."""
    if settings.schools and Role.WEB in roles:
        raise ConfigError(
            "the pages are one school's, and this configuration takes several",
            "Run only ingest and notify with it; give the pages a file without schools",
        )
    database = _open(settings, stop)
    if database is not None:
        with closing(database):
            Hub(settings, database, roles).run(stop)


def _open(settings: HubSettings, stop: Event) -> Database | None:
    """Wait for a server that is away; None if told to stop first. A file does not come back by itself."""
    backoff = Backoff(settings.retry.first_seconds, settings.retry.longest_seconds)
    while not stop.is_set():
        try:
            return Database(settings.database)
        except SyncRetryable as error:
            if isinstance(settings.database, Path):
                raise
            pause = backoff.next()
            log.warning("offline", problem=str(error), retry_in=round(pause, 1))
            stop.wait(pause)
    return None


class Hub:
    """Some parts of the hub over one database, in a thread each; HTTP in the main thread."""

    def __init__(self, settings: HubSettings, database: Database, roles: Collection[Role]) -> None:
        self._settings = settings
        self._notifier = Notifier(NoticeQueue(database), settings.notify, ZoneInfo(settings.time_zone), send)
        self._presence = Presence(settings)
        store = Store(
            database,
            timedelta(seconds=settings.notify.clock_wait_seconds),
            () if settings.webhook is None else settings.webhook.kinds,
        )
        ingest = Ingest(settings, store, Quarantine(database), Lockout(database), self._notifier.wake)
        parts: dict[Role, _Part] = {
            Role.INGEST: ingest.run,
            Role.NOTIFY: self._notifier.run,
            Role.WEB: self._presence.run,
        }
        if settings.webhook is not None and Role.WEBHOOK in roles:
            parts[Role.WEBHOOK] = Webhook(WebhookQueue(database), settings.webhook).run
        if settings.home_assistant is not None and Role.HOME_ASSISTANT in roles:
            ours = HomeAssistant(
                settings, settings.home_assistant, database, lambda: dict(self._presence.gates)
            )
            parts[Role.HOME_ASSISTANT] = ours.run
        self._parts = {role: parts[role] for role in roles if role in parts}
        self._server = _pages(settings, database, self._presence) if Role.WEB in roles else None
        self._failure: BaseException | None = None

    def run(self, stop: Event) -> None:
        """Serve until a signal comes. Raises the error of the part that could not go on."""
        sockets = [] if self._server is None else [_listen(self._settings.http)]
        if Role.NOTIFY in self._parts:
            warm_up()
        threads = [
            Thread(target=self._watch, args=(part, stop), name=role.value)
            for role, part in self._parts.items()
        ]
        for thread in threads:
            thread.start()
        try:
            if self._server is None:
                stop.wait()
            else:
                self._server.run(sockets=sockets)
        finally:
            stop.set()
            self._notifier.wake()
            for thread in threads:
                thread.join()
            for each in sockets:
                each.close()
        if self._failure is not None:
            raise self._failure

    def _watch(self, part: _Part, stop: Event) -> None:
        try:
            part(stop)
        except BaseException as error:  # noqa: BLE001 # raised again by run, in the main thread
            self._failure = error
        finally:
            if self._server is not None:
                self._server.should_exit = True
            stop.set()


def _pages(settings: HubSettings, database: Database, presence: Presence) -> "uvicorn.Server":
    from sync.hub.web_server import web_server  # noqa: PLC0415 # a worker that only stores loads none

    return web_server(settings, database, presence)


def _listen(http: HttpSettings) -> socket.socket:
    try:
        return socket.create_server((http.host, http.port))
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {http.host}:{http.port}: {error.strerror}", "Choose another http.port"
        ) from error
