"""A device's public key: its short name, its file."""

from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from edge.errors import ConfigError


def device_id(key: Ed25519PublicKey) -> str:
    """The short name: the first 16 hexadecimal digits of the SHA-256 of the public key."""
    return sha256(key.public_bytes_raw()).hexdigest()[:16]


def public_pem(key: Ed25519PublicKey) -> bytes:
    """The public key as it is exported."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public(path: Path) -> Ed25519PublicKey:
    """A key that `qaqpa-kiosk device-key` wrote. Raises ConfigError."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError(f"{path} is no device's public key", "Write it with: qaqpa-kiosk device-key FILE")
    return key
