"""Who a device is: the name in its certificate, its request for one, and the code that two people compare.

The common name is `school/gate`, the very words of the device's topics, so that a broker's access list can
take them from there. A request is PKCS #10 (RFC 2986) with a P-256 key and nothing but that name.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from edge.domain.ids import Slug
from edge.errors import ConfigError, QaqpaError

MAX_REQUEST_BYTES = 4096
LONGEST_NAME = 64
"""Of a common name: ub-common-name of RFC 5280."""

SHORTEST_FINGERPRINT = 32
_FINGERPRINT = re.compile(rf"[0-9a-f]{{{SHORTEST_FINGERPRINT},64}}")
_CODE_LETTERS = 12


class RequestError(QaqpaError):
    """What came is not a device's request for a certificate."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "Make a new request on the device with: qaqpa-sync enroll")


def common_name(school: Slug, gate: Slug) -> str:
    """As certificates, access lists and the revocation list write a device."""
    return f"{school}/{gate}"


@dataclass(frozen=True, slots=True)
class Identity:
    """A device of a school; `str` is the common name of its certificate."""

    school: Slug
    gate: Slug

    def __post_init__(self) -> None:
        if len(str(self)) > LONGEST_NAME:
            raise ConfigError(
                f"{self} is too long for a certificate",
                f"School and gate together may have {LONGEST_NAME - 1} letters",
            )

    def __str__(self) -> str:
        return common_name(self.school, self.gate)


@dataclass(frozen=True, slots=True)
class Request:
    """A device asks to be `identity` with this key."""

    identity: Identity
    key: ec.EllipticCurvePublicKey

    @property
    def code(self) -> str:
        """Twelve letters and digits, 60 bits of a hash over name and key: another key gives another code."""
        bound = str(self.identity).encode() + b"\0" + public_bytes(self.key)
        letters = base64.b32encode(hashlib.sha256(b"qaqpa request 1\0" + bound).digest()).decode()
        return letters[:_CODE_LETTERS]

    @property
    def spoken(self) -> str:
        """The code in groups of four, as a person reads it."""
        return "-".join(self.code[start : start + 4] for start in range(0, _CODE_LETTERS, 4))


def read_code(text: str) -> str:
    """A code as a person typed it, without hyphens and in capitals. Raises ConfigError."""
    code = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(rf"[A-Z2-7]{{{_CODE_LETTERS}}}", code):
        raise ConfigError("this is not a code", "Type the twelve letters and digits that the device shows")
    return code


def write_request(identity: Identity, key: ec.EllipticCurvePrivateKey) -> bytes:
    """The request as PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(name(str(identity)))
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def read_request(pem: bytes) -> Request:
    """Raises RequestError for anything that `write_request` would not have made."""
    if len(pem) > MAX_REQUEST_BYTES:
        raise RequestError(f"the request is longer than {MAX_REQUEST_BYTES} bytes")
    try:
        parsed = x509.load_pem_x509_csr(pem)
        subject = parsed.subject
        key = parsed.public_key()
        genuine = parsed.is_signature_valid
        extras = len(list(parsed.attributes))
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise RequestError("this is not a request for a certificate") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise RequestError("its key is not of the kind P-256")
    if not genuine or extras:
        raise RequestError("it is not signed by its own key, or asks for more than a name")
    return Request(_identity_in(subject), key)


def identity_of(certificate: x509.Certificate) -> Identity:
    """Whose certificate this is. Raises RequestError where it is not a device's."""
    return _identity_in(certificate.subject)


def _identity_in(subject: x509.Name) -> Identity:
    attributes = list(subject)
    if len(attributes) != 1 or attributes[0].oid != NameOID.COMMON_NAME:
        raise RequestError("its subject is not one common name")
    try:
        school, gate = str(attributes[0].value).split("/")
        return Identity(Slug(school), Slug(gate))
    except (ValueError, ConfigError) as error:
        raise RequestError("its common name is not school/gate") from error


def name(common: str) -> x509.Name:
    """A subject with this common name only. Raises ValueError above 64 letters."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """SubjectPublicKeyInfo in DER: the same bytes for the same key."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 in 64 hexadecimal digits, as `openssl x509 -fingerprint -sha256` gives it."""
    return certificate.fingerprint(SHA256()).hex()


def read_fingerprint(text: str) -> str:
    """As typed, with or without colons, 32 digits or more. Raises ConfigError."""
    digits = re.sub(r"[\s:]", "", text).lower()
    if not _FINGERPRINT.fullmatch(digits):
        raise ConfigError(
            "this is not a fingerprint of an authority",
            f"Copy what qaqpa-hub ca list prints; {SHORTEST_FINGERPRINT} digits are enough",
        )
    return digits


def read_certificate(path: Path) -> x509.Certificate:
    """Raises ConfigError."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the certificate {path}", "Check the section [tls]") from error


def share_left(certificate: x509.Certificate, now: datetime) -> float:
    """How much of its term is left: 1 when it begins, 0 or less when it has expired."""
    term = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return (certificate.not_valid_after_utc - now) / max(term, timedelta(seconds=1))


def utc_now() -> datetime:
    """The clock that certificates are made and judged by."""
    return datetime.now(UTC)
