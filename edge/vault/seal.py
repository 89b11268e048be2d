"""All cryptography of the vault: AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D). No options.

A sealed record is nonce || ciphertext || tag. Every record names what it is in its associated data, so that
a record moved to another row, child or version fails to open.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge.errors import Tampered, WrongKey

KEY_BYTES = 32
_NONCE_BYTES = 12
_CHECK = b"qaqpa vault key check v1"


def new_key() -> bytes:
    """A random 256-bit key."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plain: bytes, about: bytes) -> bytes:
    """Encrypt `plain` and bind it to `about`."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about)


def unseal(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """Decrypt what `seal` made of the same key and `about`. Raises Tampered."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about)
    except (InvalidTag, ValueError):
        raise Tampered(
            "a sealed record does not authenticate",
            "Restore the vault from a backup and tell the data officer",
        ) from None


def key_check(key: bytes) -> bytes:
    """A sealed constant that tells a wrong key from a changed record."""
    return seal(key, _CHECK, b"key-check")


def opens(key: bytes, check: bytes) -> bool:
    """Whether `check` was made with this key."""
    try:
        unseal(key, check, b"key-check")
    except Tampered:
        return False
    return True


def verify_key(key: bytes, check: bytes) -> None:
    """Raise WrongKey unless `check` was made with this key."""
    if not opens(key, check):
        raise WrongKey(
            "the key or passphrase does not open this vault", "Try again; nothing was changed or lost"
        )
