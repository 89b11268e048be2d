"""Mutual TLS 1.3, and what its failures mean for a person."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from cryptography import x509

from edge.errors import PeerExpired, QaqpaError, SyncRetryable, SyncTerminal
from sync.settings import BrokerSettings, TlsSettings

CONNECT_SECONDS = 5.0
RENEW_BY_HAND = timedelta(days=30)
"""What is left of a server's certificate when its people are told: nobody but them renews it."""

_ALERT_SECONDS = 1.0
_NOT_YET_VALID, _EXPIRED = 9, 10  # OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED
_NOT_NOW = "BAD_CERTIFICATE"
_FOR_GOOD = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "DECRYPT_ERROR", "PROTOCOL_VERSION")
_COMES_BACK = "Nothing is lost; it is tried again by itself"


def client_context(tls: TlsSettings) -> ssl.SSLContext:
    """TLS 1.3 with our certificate, trusting only the school's own CA. Raises SyncTerminal."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_verify_locations(cafile=tls.ca)
        context.load_cert_chain(tls.cert, tls.key, password=lambda: b"")
    except (OSError, ValueError) as error:
        raise SyncTerminal(
            f"the certificate files cannot be used ({error.__class__.__name__}: {error})",
            f"Check {tls.ca}, {tls.cert} and {tls.key}: PEM, readable, the key without passphrase",
        ) from error
    return context


def explain(error: OSError, peer: str = "the broker") -> QaqpaError:
    """SyncTerminal where the certificates are at fault, SyncRetryable for the rest."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code == _NOT_YET_VALID:
            return SyncRetryable(
                f"{peer}'s certificate is not valid yet: this clock is behind", "Wait for the time service"
            )
        if error.verify_code == _EXPIRED:
            return PeerExpired(
                f"{peer}'s certificate has expired, or this clock is ahead",
                f"Renew it at the hub with qaqpa-hub ca renew and restart {peer}, or set this clock",
            )
        return SyncTerminal(
            f"{peer}'s certificate is not trusted ({error.verify_message})",
            f"Check the CA file and that the host in the configuration is a name in {peer}'s certificate",
        )
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    if _NOT_NOW in reason:
        # So says OpenSSL of our certificate, or of its revocation list, where its own clock is behind.
        return SyncRetryable(
            f"{peer} does not accept this certificate now ({reason})", f"Check the clock of {peer}'s machine"
        )
    if any(word in reason for word in _FOR_GOOD):
        return SyncTerminal(
            f"{peer} refuses this certificate ({reason})",
            "Enrol this device again with: qaqpa-sync enroll; check that both sides use the same CA",
        )
    return SyncRetryable(f"{peer} cannot be reached ({error.strerror or error})", _COMES_BACK)


def why_dropped(broker: BrokerSettings, context: ssl.SSLContext, peer: str = "the broker") -> QaqpaError:
    """Why a broker, or another server, hangs up right after the handshake.

    In TLS 1.3 it judges our certificate only then, and its alert is lost to whoever has written meanwhile: so
    ask once more and only listen.
    """
    try:
        with _handshake(broker, context) as connection:
            connection.settimeout(_ALERT_SECONDS)
            connection.recv(1)
    except TimeoutError:
        pass
    except OSError as error:
        return explain(error, peer)
    return SyncRetryable(f"{peer} hung up", _COMES_BACK)


def broker_certificate_ends(broker: BrokerSettings, tls: TlsSettings) -> datetime:
    """When the certificate that this broker shows runs out. Raises SyncTerminal, SyncRetryable."""
    try:
        with _handshake(broker, client_context(tls)) as connection:
            return certificate_ends(connection)
    except OSError as error:
        raise explain(error) from error


def certificate_ends(connection: ssl.SSLSocket) -> datetime:
    """When the certificate of the other side runs out, which has been verified."""
    shown = connection.getpeercert(binary_form=True) or b""
    return x509.load_der_x509_certificate(shown).not_valid_after_utc.astimezone(UTC)


@contextmanager
def _handshake(broker: BrokerSettings, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection((broker.host, broker.port), timeout=CONNECT_SECONDS) as raw,
        context.wrap_socket(raw, server_hostname=broker.host) as connection,
    ):
        yield connection
