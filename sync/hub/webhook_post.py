"""One POST to another system: no redirect is followed, and however it answers it is over in time."""

import http.client
import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from threading import Timer
from urllib.parse import urlsplit

from edge.errors import ConfigError
from sync.hub.integration_settings import WebhookSettings

_SUCCESS = range(200, 300)
_CONTENT = "application/cloudevents-batch+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the receiver took it; `problem` is for the log and quotes nothing of what it said."""

    taken: bool
    problem: str = ""


class Poster:
    """Raises ConfigError for a CA file that cannot be read."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._url = urlsplit(settings.url)
        self._seconds = settings.timeout_seconds
        self._context = None if self._url.scheme == "http" else _context(settings)

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Blocks for `timeout_seconds` after the connection, also where an answer comes letter by letter."""
        try:
            address = (self._url.hostname or "", self._url.port or self._default_port)
            with socket.create_connection(address, self._seconds) as raw, raw.dup() as handle:
                watchdog = Timer(self._seconds, _cut, [handle])
                watchdog.start()
                try:
                    status = self._ask(raw, body, headers)
                finally:
                    watchdog.cancel()
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Answer(False, _told(error))
        return Answer(True) if status in _SUCCESS else Answer(False, f"it answered {status}")

    @property
    def _default_port(self) -> int:
        return http.client.HTTP_PORT if self._context is None else http.client.HTTPS_PORT

    def _ask(self, raw: socket.socket, body: bytes, headers: dict[str, str]) -> int:
        host, port = self._url.hostname or "", self._url.port
        if self._context is None:
            connection, raw_or_tls = http.client.HTTPConnection(host, port), raw
        else:
            connection = http.client.HTTPSConnection(host, port, context=self._context)
            raw_or_tls = self._context.wrap_socket(raw, server_hostname=host)
        connection.sock = raw_or_tls
        path = self._url.path or "/"
        target = f"{path}?{self._url.query}" if self._url.query else path
        with closing(connection):
            connection.request("POST", target, body, {"Content-Type": _CONTENT, **headers})
            return connection.getresponse().status


def _context(settings: WebhookSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca)
    except OSError as error:
        raise ConfigError(f"cannot read {settings.ca}: {error}", "Check webhook.ca") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _cut(handle: socket.socket) -> None:
    """Ends whatever the other thread waits for: `handle` is its socket, also inside TLS."""
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


def _told(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    return f"it cannot be reached ({type(error).__name__})"
