"""The enrolment service: HTTPS for devices that ask for a certificate or renew theirs.

| request | a client certificate | answers |
|---|---|---|
| GET /ca.crt | no | the authority's certificate; the device compares its fingerprint |
| POST /requests, a PEM request | no | 202 while nobody decided, 200 with the certificate, 403 if rejected |
| POST /renewals, empty | yes | 200 with a new certificate for the same key, 403 if it may not |

It needs the authority's key and nothing else of the hub: it is a process of its own, best with an account of
its own, and knows no database, no names and no broker.
"""

import json
import ssl
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from threading import BoundedSemaphore, Event, Lock, Thread
from typing import Any

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.errors import ConfigError
from sync.hub.approval import Approval, RenewalRefused
from sync.hub.ca import BROKER, CertificateAuthority
from sync.hub.pending import Verdict
from sync.hub.rate import RateLimit
from sync.identity import MAX_REQUEST_BYTES, RequestError, utc_now

PORT = 8091
_SECONDS = 10.0
_CONNECTIONS = 32
_PER_MINUTE = 60
_DRAINED_BYTES = 16 * MAX_REQUEST_BYTES
_WATCH_SECONDS = 0.2
_VERDICTS = {
    Verdict.WAITING: (HTTPStatus.ACCEPTED, "waits for approval"),
    Verdict.REJECTED: (HTTPStatus.FORBIDDEN, "rejected"),
    Verdict.TOO_MANY: (HTTPStatus.TOO_MANY_REQUESTS, "too many requests wait already"),
}

log = structlog.get_logger()


class EnrolmentServer(ThreadingTCPServer):
    """Listens on `host` and `port`; 0 takes a free one. A thread for each connection, one request each."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 16

    def __init__(self, folder: Path, host: str, port: int) -> None:
        self.authority = CertificateAuthority.open(folder)
        self.approval = Approval(folder, self.authority)
        self.rate = RateLimit(_PER_MINUTE, 60.0)
        self.deciding = Lock()
        self._room = BoundedSemaphore(_CONNECTIONS)
        self._tls = _server_context(folder)
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {host}:{port}: {error.strerror}", "Choose another port"
            ) from error

    def serve(self, stop: Event) -> None:
        """Until `stop` is set."""
        thread = Thread(target=self.serve_forever, args=(_WATCH_SECONDS,), name="enrolment")
        thread.start()
        stop.wait()
        self.shutdown()
        thread.join()
        self.server_close()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Before anything is read: an address that asks too often is hung up on."""
        return self.rate.allows(str(client_address[0]))

    def process_request(self, request: Any, client_address: Any) -> None:
        """In a thread, if there is room for one."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The handshake is the thread's work too: whoever dawdles delays only himself."""
        try:
            request.settimeout(_SECONDS)
            with self._tls.wrap_socket(request, server_side=True) as connection:
                _Handler(connection, client_address, self)
        except OSError as error:
            log.info("no connection", problem=_kind(error))
        finally:
            self.shutdown_request(request)
            self._room.release()


class _Handler(BaseHTTPRequestHandler):
    server: EnrolmentServer
    connection: ssl.SSLSocket
    timeout = _SECONDS
    server_version = "qaqpa"
    sys_version = ""

    def do_GET(self) -> None:
        if self.path == "/ca.crt":
            self._answer(HTTPStatus.OK, _pem(self.server.authority.certificate))
        else:
            self._say(HTTPStatus.NOT_FOUND, "no such page")

    def do_POST(self) -> None:
        work = {"/requests": self._request, "/renewals": self._renewal}.get(self.path)
        if work is None:
            self._say(HTTPStatus.NOT_FOUND, "no such page")
            return
        try:
            work()
        except RenewalRefused as error:
            log.warning("renewal refused", problem=str(error.args[0]))
            self._say(HTTPStatus.FORBIDDEN, str(error))
        except (RequestError, ConfigError) as error:
            self._say(HTTPStatus.BAD_REQUEST, str(error))

    def _request(self) -> None:
        body = self._body()
        if body is None:
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"say how long it is, up to {MAX_REQUEST_BYTES}")
            return
        with self.server.deciding:
            answer = self.server.approval.ask(body, utc_now())
        if isinstance(answer, x509.Certificate):
            self._answer(HTTPStatus.OK, _pem(answer))
        else:
            self._say(*_VERDICTS[answer])

    def _renewal(self) -> None:
        presented = self.connection.getpeercert(binary_form=True)
        if presented is None:
            self._say(HTTPStatus.UNAUTHORIZED, "only with the certificate that is to be renewed")
            return
        with self.server.deciding:
            certificate = self.server.approval.renew(x509.load_der_x509_certificate(presented), utc_now())
        log.info("renewed", serial=f"{certificate.serial_number:x}")
        self._answer(HTTPStatus.OK, _pem(certificate))

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 8):
            return None
        # What is too long is read for a while too: closing on unread bytes would lose the answer.
        body = self.rfile.read(min(int(length), _DRAINED_BYTES))
        return body if 0 < len(body) <= MAX_REQUEST_BYTES else None

    def _say(self, status: HTTPStatus, words: str) -> None:
        self._answer(status, json.dumps({"status": words}).encode())

    def _answer(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """What strangers write into a request line does not go into the log."""


def _server_context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # A ticket would let a client skip showing its certificate again.
    context.num_tickets = 0
    try:
        context.load_cert_chain(folder / f"{BROKER}.crt", folder / f"{BROKER}.key")
        context.load_verify_locations(folder / "ca.crt")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"no usable server certificate in {folder}", "Make one with: qaqpa-hub ca init"
        ) from error
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _kind(error: OSError) -> str:
    return str(error.reason) if isinstance(error, ssl.SSLError) else type(error).__name__
