"""A small certificate authority for one school: the broker, the hub and each gate get one certificate each.

P-256, X.509 v3 as in RFC 5280. A gate's certificate carries its name as the only subject field, because
brokers derive its rights from that name.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.domain.ids import Slug
from edge.errors import ConfigError

CA_TERM = timedelta(days=3650)
TERM = timedelta(days=730)
HUB = Slug("hub")
"""The hub's name in certificates and access lists; no gate may have it."""

_BROKER = "broker"
_LOCAL_HOSTS = ("localhost", "127.0.0.1")
_CLOCK_SLACK = timedelta(hours=1)
_UNUSED = {
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "encipher_only": False,
    "decipher_only": False,
}


@dataclass(frozen=True, slots=True)
class Issued:
    """The files of one identity; `ca` is what it trusts."""

    ca: Path
    cert: Path
    key: Path


class CertificateAuthority:
    """A folder with ca.crt and ca.key. Keep it off the gates and off the broker."""

    def __init__(self, folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._folder = folder
        self._certificate = certificate
        self._key = key

    @classmethod
    def create(cls, folder: Path, school: Slug) -> "CertificateAuthority":
        """Make a new authority. Raises ConfigError where the folder holds one already."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Qaqpa {school}")])
        now = datetime.now(UTC)
        certificate = (
            _builder(name, name, key.public_key(), now, CA_TERM)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, SHA256())
        )
        _write(folder / "ca.key", _pem(key), 0o600)
        _write(folder / "ca.crt", certificate.public_bytes(Encoding.PEM), 0o644)
        return cls(folder, certificate, key)

    @classmethod
    def open(cls, folder: Path) -> "CertificateAuthority":
        """Raises ConfigError where there is none."""
        try:
            certificate = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
            key = load_pem_private_key((folder / "ca.key").read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(
                f"no usable authority in {folder}", "Make one with: qaqpa-hub ca init"
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ConfigError(f"{folder}/ca.key is not a P-256 key", "Make one with: qaqpa-hub ca init")
        return cls(folder, certificate, key)

    def issue_broker(self, hosts: Iterable[str] = ()) -> Issued:
        """The broker's server certificate, for these names and addresses and for this machine."""
        names = [_host(host) for host in dict.fromkeys([*_LOCAL_HOSTS, *hosts])]
        return self._issue(_BROKER, ExtendedKeyUsageOID.SERVER_AUTH, x509.SubjectAlternativeName(names))

    def issue_hub(self) -> Issued:
        """The hub's client certificate."""
        return self._issue(HUB.value, ExtendedKeyUsageOID.CLIENT_AUTH)

    def issue_gate(self, gate: Slug) -> Issued:
        """A gate's client certificate. Raises ConfigError for a name that means something else."""
        if gate.value in {HUB.value, _BROKER, "ca"}:
            raise ConfigError(f"{gate} cannot be the name of a gate", "Choose another, for example main-door")
        return self._issue(gate.value, ExtendedKeyUsageOID.CLIENT_AUTH)

    def _issue(
        self, name: str, usage: x509.ObjectIdentifier, hosts: x509.SubjectAlternativeName | None = None
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            _builder(self._certificate.subject, subject, key.public_key(), datetime.now(UTC), TERM)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
        )
        if hosts is not None:
            builder = builder.add_extension(hosts, critical=False)
        issued = Issued(self._folder / "ca.crt", self._folder / f"{name}.crt", self._folder / f"{name}.key")
        _write(issued.key, _pem(key), 0o600)
        _write(issued.cert, builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM), 0o644)
        return issued


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, term: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # A Pi without a clock battery may be a little behind.
        .not_valid_before(now - _CLOCK_SLACK)
        .not_valid_after(now + term)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        **_UNUSED,
    )


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise ConfigError(
            f"{path} exists already", "Move it away first; certificates are never overwritten"
        ) from None
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}", "Check the folder's rights") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
