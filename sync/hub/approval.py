"""What a person at the hub decides about devices, and what the authority may do without one: renew."""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from edge.errors import ConfigError, QaqpaError
from sync.hub.ca import HUB, CertificateAuthority
from sync.hub.pending import Pending, Verdict
from sync.identity import Request, RequestError, identity_of, read_request, share_left

_RENEW_BELOW = 0.5


class RenewalRefused(QaqpaError):
    """This certificate may not be renewed; the device needs a person."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the certificate cannot be renewed: {why}", "Enrol the device with: qaqpa-sync enroll"
        )


class Approval:
    """Over one authority's folder; the commands and the enrolment service share it through its files."""

    def __init__(self, folder: Path, authority: CertificateAuthority) -> None:
        self._authority = authority
        self.pending = Pending(folder)
        self.crl = authority.register.crl

    def ask(self, pem: bytes, now: datetime) -> x509.Certificate | Verdict:
        """A device asks: its certificate once approved, else where its request stands.

        Raises RequestError for what is no request, ConfigError for one of another school.
        """
        request = read_request(pem)
        self._authority.check(request.identity)
        return self._issued(request, now) or self.pending.add(request, pem, now)

    def approve(self, request: Request, now: datetime, *, replace: bool = False) -> x509.Certificate:
        """A person compared the code. Raises ConfigError where another device has the name already."""
        if replace:
            self._authority.revoke(str(request.identity))
        register = self._authority.register
        with register.lock():
            if any(each.name == str(request.identity) and each.lives(now) for each in register.entries()):
                raise ConfigError(
                    f"{request.identity.gate} has a certificate already",
                    "If this device takes its place, add --replace: the old certificate is revoked",
                )
            certificate = self._authority.certify(request)
        self.pending.done(request.code)
        return certificate

    def renew(self, certificate: x509.Certificate, now: datetime) -> x509.Certificate:
        """For the device that proved, in TLS, to hold the key of this one. Raises RenewalRefused.

        The key stays the same. Whoever asks early is given the latest certificate again.
        """
        request = _as_request(certificate)
        # Under the lock, or a revocation in this very moment would miss the new certificate.
        with self._authority.register.lock():
            entry = self._authority.register.find(certificate.serial_number)
            if entry is None or entry.certificate != certificate:
                raise RenewalRefused("it was not issued here")
            if not entry.lives(now):
                raise RenewalRefused("it is revoked or has expired")
            latest = self._issued(request, now)
            if latest is not None and share_left(latest, now) > _RENEW_BELOW:
                return latest
            return self._authority.certify(request)

    def _issued(self, request: Request, now: datetime) -> x509.Certificate | None:
        entries = self._authority.register.entries()
        return next((e.certificate for e in reversed(entries) if e.answers(request) and e.lives(now)), None)


def _as_request(certificate: x509.Certificate) -> Request:
    key = certificate.public_key()
    try:
        identity = identity_of(certificate)
    except RequestError as error:
        raise RenewalRefused("it is not a gate's") from error
    if identity.gate == HUB or not isinstance(key, ec.EllipticCurvePublicKey):
        raise RenewalRefused("it is not a gate's")
    return Request(identity, key)
