"""Certificates of a trial fleet: one for each gate, all for the same key."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from edge.domain.ids import Slug
from edge.errors import ConfigError
from sync.files import create, replace
from sync.hub.ca import CertificateAuthority, Issued
from sync.identity import Identity, Request
from sync.settings import TlsSettings

GATES_PER_SCHOOL = 10


def names(count: int) -> list[Identity]:
    """That many gates, ten at each school."""
    return [
        Identity(
            Slug(f"school-{number // GATES_PER_SCHOOL + 1}"), Slug(f"gate-{number % GATES_PER_SCHOOL + 1}")
        )
        for number in range(count)
    ]


def settings_of(issued: Issued) -> TlsSettings:
    """As the configuration names them."""
    return TlsSettings(ca=issued.ca, cert=issued.cert, key=issued.key)


def certify(
    authority: CertificateAuthority, folder: Path, gates: Iterable[Identity]
) -> Iterator[TlsSettings]:
    """A certificate of its own for each gate, in order; those that are in the folder already are used again.

    They share one key, because a broker looks at the name in the certificate: a simplification of the trial,
    never of an installation. Raises ConfigError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca, key = folder / "ca.crt", folder / "fleet.key"
    replace(ca, authority.certificate.public_bytes(Encoding.PEM), 0o644)
    public = _key(key).public_key()
    for gate in gates:
        cert = folder / f"{gate.school}_{gate.gate}.crt"
        if not cert.exists():
            with authority.register.lock():
                certificate = authority.certify(Request(gate, public))
            create(cert, certificate.public_bytes(Encoding.PEM), 0o644)
        yield TlsSettings(ca=ca, cert=cert, key=key)


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        create(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigError(f"{path} is not a P-256 key", "Give an empty folder")
    return key
