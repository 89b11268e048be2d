"""The hub process: ingest and notifier in a thread each, HTTP in the main thread; one falls, all stop."""

import socket
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from zoneinfo import ZoneInfo

import uvicorn

from edge.errors import ConfigError
from sync.hub.app import Live, create_app
from sync.hub.channels import send, warm_up
from sync.hub.database import Database
from sync.hub.ingest import Ingest
from sync.hub.notices import NoticeQueue
from sync.hub.notify import Notifier
from sync.hub.settings import HttpSettings, HubSettings
from sync.hub.store import Store


class Hub:
    """All parts of the hub over one database."""

    def __init__(self, settings: HubSettings, database: Database) -> None:
        self._notifier = Notifier(NoticeQueue(database), settings.notify, ZoneInfo(settings.time_zone), send)
        store = Store(database, timedelta(seconds=settings.notify.clock_wait_seconds))
        self._ingest = Ingest(settings, store, self._notifier.wake)
        self._http = settings.http
        live = Live(lambda: self._ingest.online, lambda: dict(self._ingest.gates))
        self._server = uvicorn.Server(
            uvicorn.Config(create_app(settings, database, live), log_level="warning", access_log=False)
        )
        self._failure: BaseException | None = None

    def run(self, stop: Event) -> None:
        """Serve until a signal comes. Raises the error of the part that could not go on."""
        listener = _listen(self._http)
        warm_up()
        threads = [
            Thread(target=self._watch, args=(part, stop), name=name)
            for name, part in (("ingest", self._ingest.run), ("notifier", self._notifier.run))
        ]
        for thread in threads:
            thread.start()
        try:
            self._server.run(sockets=[listener])
        finally:
            stop.set()
            self._notifier.wake()
            for thread in threads:
                thread.join()
            listener.close()
        if self._failure is not None:
            raise self._failure

    def _watch(self, part: Callable[[Event], None], stop: Event) -> None:
        try:
            part(stop)
        except BaseException as error:  # noqa: BLE001 # raised again by run, in the main thread
            self._failure = error
        finally:
            self._server.should_exit = True


def _listen(http: HttpSettings) -> socket.socket:
    try:
        return socket.create_server((http.host, http.port))
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {http.host}:{http.port}: {error.strerror}", "Choose another http.port"
        ) from error
