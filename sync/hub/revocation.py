"""The revocation list: written by the authority, read by the broker, and by the hub for names that are out.

A list as in RFC 5280 has serial numbers only, and over MQTT the hub sees names only. So an entry also has the
common name, in an extension of ours that nobody else need understand: one says that the name is out, another
that a new device has it.

A name that is back must not bring the old device back: its session may still last, and where a broker reads
no list its certificate still counts. The hub cannot tell the two by their name, but by the random id of the
outbox, which every event carries. An event is refused while its name is out, and then for each outbox that

1. the hub refused while its name was out, or
2. the hub knew before the name was last revoked, by the moment in the list: a card that was silent meanwhile;

until a person lets this outbox in (`lockout`). What a thief forges under an outbox id of his own choice only
the broker can stop, and status messages carry no such id: they are not believed while the name is out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from edge.errors import ConfigError
from sync.identity import read_certificate

_OUT = x509.ObjectIdentifier("2.25.264042508404286001350426006375827594836")
_BACK = x509.ObjectIdentifier("2.25.3477670564013451612297211726575444726")
"""Both under the arc of UUIDs (ITU-T X.667), which anybody may use."""

_UTF8_STRING = 0x0C
_REMEDY = "Copy ca.crl from the authority's folder once more"
_Stamp = tuple[int, int, int]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Revoked:
    """One entry; `name` was the device's, and is `back` where another device has it now."""

    serial: int
    moment: datetime
    name: str | None
    back: bool


@dataclass(frozen=True, slots=True)
class Revocations:
    """The common names that are out, and of each that ever was when it was last revoked."""

    out: frozenset[str] = frozenset()
    last: Mapping[str, datetime] = field(default_factory=dict)


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
            device = x509.UnrecognizedExtension(_BACK if entry.back else _OUT, _der(entry.name))
            revoked = revoked.add_extension(device, critical=False)
        builder = builder.add_revoked_certificate(revoked.build())
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def read(path: Path) -> x509.CertificateRevocationList:
    """Raises ConfigError where it is missing or damaged."""
    try:
        return x509.load_pem_x509_crl(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the revocation list {path}", _REMEDY) from error


def names_out(path: Path) -> frozenset[str]:
    """Common names that no device has any more; empty where there is no list yet. Raises ConfigError."""
    return _revocations(read(path), path).out if path.exists() else frozenset()


class RevokedNames:
    """Whose events the hub refuses; looks whether the list was replaced each time it is asked."""

    def __init__(self, path: Path | None, authority: Path) -> None:
        """`authority` is the file of its certificate; without a path nobody is ever out.

        Raises ConfigError for a list that it did not sign.
        """
        self._path = path
        self._authority = authority
        self._stamp = None if path is None else _look(path)
        self._revocations = Revocations() if path is None else self._read(path)

    def now(self) -> Revocations:
        """A list that is missing or damaged meanwhile leaves the last one in force."""
        if self._path is not None and (stamp := _look(self._path)) != self._stamp:
            self._stamp = stamp
            try:
                self._revocations = self._read(self._path)
                log.info("revocation list", devices_out=len(self._revocations.out))
            except ConfigError as error:
                log.error("the last revocation list stays in force", problem=str(error))
        return self._revocations

    def _read(self, path: Path) -> Revocations:
        listed, key = read(path), read_certificate(self._authority).public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or not listed.is_signature_valid(key):
            raise ConfigError(f"{path} is another authority's list", _REMEDY)
        return _revocations(listed, path)


def _look(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _revocations(listed: x509.CertificateRevocationList, path: Path) -> Revocations:
    out, last = set[str](), dict[str, datetime]()
    try:
        for entry in listed:
            gone, back = _name(entry, _OUT), _name(entry, _BACK)
            if gone is not None:
                out.add(gone)
            for name in filter(None, (gone, back)):
                last[name] = max(last.get(name, entry.revocation_date_utc), entry.revocation_date_utc)
    except ValueError as error:
        raise ConfigError(f"cannot read the revocation list {path}", _REMEDY) from error
    return Revocations(frozenset(out), last)


def _name(entry: x509.RevokedCertificate, kind: x509.ObjectIdentifier) -> str | None:
    try:
        found = entry.extensions.get_extension_for_oid(kind).value
    except x509.ExtensionNotFound:
        return None
    return found.public_bytes()[2:].decode()


def _der(name: str) -> bytes:
    """A UTF8String; names have 64 letters at most, so their length takes one byte."""
    return bytes([_UTF8_STRING, len(name)]) + name.encode("ascii")
