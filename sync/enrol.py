"""A device gets and renews its certificate. Its key is made here and never leaves.

Over the network the authority is known by its fingerprint, which a person brings: what a stranger in between
answers does not match it. What the person compares at the hub is the request's code, which holds the key.
"""

import http.client
import json
import ssl
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from edge.errors import ConfigError, QaqpaError, SyncRetryable, SyncTerminal
from sync.files import create, replace
from sync.identity import MAX_REQUEST_BYTES, Identity, fingerprint, name, write_request
from sync.settings import BrokerSettings, TlsSettings
from sync.tls import CONNECT_SECONDS, client_context, explain, why_dropped

_POLL_SECONDS = 5.0
_LONGEST_WORDS = 200
_MOST_BYTES = 2 * MAX_REQUEST_BYTES


class Device:
    """The files of one device, and what it may become."""

    def __init__(self, identity: Identity, tls: TlsSettings) -> None:
        self.identity = identity
        self.tls = tls

    def request(self) -> bytes:
        """Its request as PEM; makes the key where there is none. Raises ConfigError."""
        if not self.tls.key.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            create(self.tls.key, pem, 0o600)
        return write_request(self.identity, self._key())

    def accept(self, certificate: x509.Certificate, authority: x509.Certificate) -> None:
        """Put both in place, if they are for this device and key. Raises SyncTerminal, ConfigError."""
        if certificate.public_key() != self._key().public_key() or certificate.subject != name(
            str(self.identity)
        ):
            raise SyncTerminal("the certificate is for another device or key", "Enrol this device again")
        try:
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise SyncTerminal(
                "the certificate is not of this authority", "Look for a stranger between device and hub"
            ) from error
        replace(self.tls.ca, authority.public_bytes(Encoding.PEM), 0o644)
        replace(self.tls.cert, certificate.public_bytes(Encoding.PEM), 0o644)

    def _key(self) -> ec.EllipticCurvePrivateKey:
        try:
            key = load_pem_private_key(self.tls.key.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(
                f"cannot read the key {self.tls.key}", "Move it away; a new one is made"
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise ConfigError(f"{self.tls.key} is not a P-256 key", "Move it away; a new one is made")
        return key


def pinned(authority: x509.Certificate, expected: str) -> x509.Certificate:
    """The same, if it has this fingerprint. Raises SyncTerminal."""
    if not fingerprint(authority).startswith(expected):
        raise SyncTerminal(
            "the authority's fingerprint is another one",
            "Compare it with qaqpa-hub ca list; if it is right, somebody stands between you and the hub",
        )
    return authority


def read_bundle(path: Path, expected: str) -> tuple[x509.Certificate, x509.Certificate]:
    """The device's certificate and the authority's from a file of `qaqpa-hub ca approve`."""
    try:
        with path.open("rb") as file:
            found = x509.load_pem_x509_certificates(file.read(_MOST_BYTES))
        certificate, authority = found
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} does not hold two certificates", "Bring the file of: ca approve"
        ) from error
    return certificate, pinned(authority, expected)


class HubClient:
    """Speaks to the enrolment service at an address such as https://hub.school.example:8091."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if parts.scheme != "https" or host is None or port is None or parts.path not in {"", "/"}:
            raise ConfigError(f"{url} is not the address of an enrolment service", "Use https://HOST:PORT")
        self._host, self._port = host, port

    def authority(self, expected: str) -> x509.Certificate:
        """The authority with this fingerprint. Raises SyncTerminal, SyncRetryable."""
        # Nothing is known of the hub yet. What comes here is public and compared with the pin.
        unknown = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unknown.minimum_version = ssl.TLSVersion.TLSv1_3
        unknown.check_hostname = False
        unknown.verify_mode = ssl.CERT_NONE
        status, body = self._ask(unknown, "GET", "/ca.crt", b"")
        if status != HTTPStatus.OK:
            raise _no(status, body)
        return pinned(_certificate(body), expected)

    def wait(
        self, request: bytes, authority: x509.Certificate, stop: Event, waiting: Callable[[str], None]
    ) -> x509.Certificate | None:
        """Ask until somebody decides; None if stopped. Calls `waiting` before each pause."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(cadata=authority.public_bytes(Encoding.PEM).decode())
        while not stop.is_set():
            try:
                status, body = self._ask(context, "POST", "/requests", request)
                if status == HTTPStatus.OK:
                    return _certificate(body)
                if status not in {HTTPStatus.ACCEPTED, HTTPStatus.TOO_MANY_REQUESTS}:
                    raise _no(status, body)
                waiting(_words(body))
            except SyncRetryable as error:
                waiting(str(error))
            stop.wait(_POLL_SECONDS)
        return None

    def renew(self, tls: TlsSettings) -> x509.Certificate:
        """A new certificate for the same key, by the old one. Raises SyncTerminal, SyncRetryable."""
        status, body = self._ask(client_context(tls), "POST", "/renewals", b"")
        if status != HTTPStatus.OK:
            raise _no(status, body)
        return _certificate(body)

    def _ask(self, context: ssl.SSLContext, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=CONNECT_SECONDS, context=context
        )
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read(_MOST_BYTES)
        except (ssl.SSLEOFError, ConnectionError) as error:
            where = BrokerSettings(host=self._host, port=self._port)
            raise why_dropped(where, context, "the hub") from error
        except OSError as error:
            raise explain(error, "the hub") from error
        except http.client.HTTPException as error:
            raise SyncRetryable("the hub's answer is not understood", "Check the address and port") from error
        finally:
            connection.close()


def _certificate(body: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(body)
    except ValueError as error:
        raise SyncTerminal("the hub's answer is not a certificate", "Check the address and port") from error


def _no(status: int, body: bytes) -> QaqpaError:
    kind = SyncRetryable if status >= HTTPStatus.INTERNAL_SERVER_ERROR else SyncTerminal
    return kind(f"the hub says no ({status}: {_words(body)})", "Ask whoever looks after the hub")


def _words(body: bytes) -> str:
    """What the hub says, short and without control characters: a stranger may have written it."""
    try:
        said = json.loads(body)["status"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return "no explanation"
    return "".join(letter for letter in str(said)[:_LONGEST_WORDS] if letter.isprintable())
