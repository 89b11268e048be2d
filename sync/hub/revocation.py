"""The revocation list: written by the authority, read by the broker, and by the hub for names that are out.

A list as in RFC 5280 has serial numbers only, and over MQTT the hub sees names only. So an entry also has the
common name, in an extension of ours that nobody else need understand, until another device has that name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from edge.errors import ConfigError
from sync.identity import read_certificate

_NAME = x509.ObjectIdentifier("2.25.264042508404286001350426006375827594836")
"""Under the arc of UUIDs (ITU-T X.667), which anybody may use."""

_UTF8_STRING = 0x0C
_REMEDY = "Copy ca.crl from the authority's folder once more"
_Stamp = tuple[int, int, int]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Revoked:
    """One entry; `name` is the device that is out, None where another device has its name now."""

    serial: int
    moment: datetime
    name: str | None


def write(
    entries: Iterable[Revoked],
    authority: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    issued: datetime,
) -> bytes:
    """The signed list as PEM. It lives as long as the authority.

    A list that runs out would shut every gate out of the broker. It is carried by hand and not fetched from
    anywhere, so nobody can hold back a newer one.
    """
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(issued)
        .next_update(authority.not_valid_after_utc)
    )
    for entry in entries:
        revoked = x509.RevokedCertificateBuilder().serial_number(entry.serial).revocation_date(entry.moment)
        if entry.name is not None:
            device = x509.UnrecognizedExtension(_NAME, _der(entry.name))
            revoked = revoked.add_extension(device, critical=False)
        builder = builder.add_revoked_certificate(revoked.build())
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def read(path: Path) -> x509.CertificateRevocationList:
    """Raises ConfigError where it is missing or damaged."""
    try:
        return x509.load_pem_x509_crl(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the revocation list {path}", _REMEDY) from error


def names(path: Path) -> frozenset[str]:
    """Common names that no device has any more; empty where there is no list yet. Raises ConfigError."""
    return _names(read(path), path) if path.exists() else frozenset()


class RevokedNames:
    """Whose events the hub refuses; looks whether the list was replaced each time it is asked."""

    def __init__(self, path: Path, authority: Path) -> None:
        """`authority` is the file of its certificate. Raises ConfigError for a list that it did not sign."""
        self._path = path
        self._authority = read_certificate(authority)
        self._stamp = self._look()
        self._names = self._read()

    def now(self) -> frozenset[str]:
        """Common names. A list that is missing or damaged meanwhile leaves the last one in force."""
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._names = self._read()
                log.info("revocation list", devices_out=len(self._names))
            except ConfigError as error:
                log.error("the last revocation list stays in force", problem=str(error))
        return self._names

    def _look(self) -> _Stamp | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> frozenset[str]:
        listed, key = read(self._path), self._authority.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or not listed.is_signature_valid(key):
            raise ConfigError(f"{self._path} is another authority's list", _REMEDY)
        return _names(listed, self._path)


def _names(listed: x509.CertificateRevocationList, path: Path) -> frozenset[str]:
    try:
        return frozenset(name for each in listed if (name := _name(each)) is not None)
    except ValueError as error:
        raise ConfigError(f"cannot read the revocation list {path}", _REMEDY) from error


def _name(entry: x509.RevokedCertificate) -> str | None:
    try:
        found = entry.extensions.get_extension_for_oid(_NAME).value
    except x509.ExtensionNotFound:
        return None
    return found.public_bytes()[2:].decode()


def _der(name: str) -> bytes:
    """A UTF8String; names have 64 letters at most, so their length takes one byte."""
    return bytes([_UTF8_STRING, len(name)]) + name.encode("ascii")
