"""Signs a webhook and verifies one, after Standard Webhooks 1.0; the standard library only.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
A receiver in Python may take this file as it is; in other languages the project's own libraries verify.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX = "whsec_"
_VERSION = "v1"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, by the specification."""


def read_secret(text: str) -> bytes:
    """From `whsec_` and base64. Raises ValueError."""
    try:
        secret = base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret is whsec_ and base64") from None
    if not SHORTEST <= len(secret) <= LONGEST:
        raise ValueError(f"a secret has {SHORTEST} to {LONGEST} bytes")
    return secret


def write_secret(secret: bytes) -> str:
    """The text that `read_secret` reads."""
    return _PREFIX + base64.b64encode(secret).decode()


def headers(secrets: Sequence[bytes], id_: str, unix_seconds: int, body: bytes) -> dict[str, str]:
    """The three headers of a POST, with a signature for each secret: two while one is being replaced."""
    signatures = (f"{_VERSION},{_signature(each, id_, str(unix_seconds), body)}" for each in secrets)
    return {ID: id_, TIMESTAMP: str(unix_seconds), SIGNATURE: " ".join(signatures)}


def verify(
    secret: bytes, received: Mapping[str, str], body: bytes, now: float, tolerance: float = 300
) -> bool:
    """Whether `body`, byte for byte, comes from who has the secret and is fresh to `tolerance` seconds.

    `received` are the request's headers, `now` is Unix time in seconds. Never raises.
    """
    lower = {name.lower(): value for name, value in received.items()}
    id_, stamp = lower.get(ID, ""), lower.get(TIMESTAMP, "")
    if not id_ or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return False
    if abs(now - int(stamp)) > tolerance:
        return False
    right = f"{_VERSION},{_signature(secret, id_, stamp, body)}".encode()
    given = lower.get(SIGNATURE, "").encode(errors="replace").split()
    return any([hmac.compare_digest(right, each) for each in given])


def _signature(secret: bytes, id_: str, stamp: str, body: bytes) -> str:
    signed = f"{id_}.{stamp}.".encode() + body
    return base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
