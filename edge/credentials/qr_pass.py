"""A signed pass: who may enter, and until when, as short text for a QR code. It is verified offline.

"QQ1:" and, in base45, body || Ed25519 signature (RFC 8032). The body is, big-endian: the holder's pseudonym
(16 bytes), issue number (4), expiry in Unix seconds (4), and the school's slug in ASCII (1 to 40).
"""

import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.credentials import base45
from edge.domain.credentials import Refusal
from edge.domain.ids import ChildId, Slug

PREFIX: Final = "QQ1:"
LAST_ISSUE: Final = 2**32 - 1
_ANY_VERSION = re.compile(r"QQ[0-9]{1,3}:")
_ABOUT = b"qaqpa/pass/v1\x00"
"""Signed before the body, so that a signature made for anything else is none of a pass."""
_FIXED = struct.Struct(">16sII")
_SIGNATURE_BYTES = 64
_LONGEST_TEXT = 256


@dataclass(frozen=True, slots=True)
class QrPass:
    """What a pass says. Raises ValueError for what it could not say; `expires` is in whole seconds."""

    school: Slug
    holder: ChildId
    issue: int
    expires: datetime

    def __post_init__(self) -> None:
        if not 1 <= self.issue <= LAST_ISSUE:
            raise ValueError("an issue number is 1 to 4294967295")
        if self.expires.tzinfo is None:
            raise ValueError("expires has no time zone")
        if self.expires.microsecond or not 0 <= self.expires.timestamp() < 2**32:
            raise ValueError("expires is no whole second between 1970 and 2106")


def sign(what: QrPass, key: Ed25519PrivateKey) -> str:
    """The pass as text; the same pass always gives the same text."""
    body = _FIXED.pack(bytes.fromhex(what.holder.value), what.issue, int(what.expires.timestamp()))
    body += what.school.value.encode("ascii")
    return PREFIX + base45.encode(body + key.sign(_ABOUT + body))


def verify(text: str, key: Ed25519PublicKey, school: Slug, now: datetime) -> QrPass | Refusal:
    """The pass, if this school signed it and it has not run out. Never raises, whatever the text is."""
    said = authenticate(text, key, school)
    if isinstance(said, QrPass) and said.expires <= now:
        return Refusal.EXPIRED
    return said


def authenticate(text: str, key: Ed25519PublicKey | None, school: Slug) -> QrPass | Refusal:
    """The pass, if this school signed it, expired or not; without a key none ever was. Never raises."""
    # 1. It claims to be a pass, of the one version there is.
    if not text.startswith(PREFIX):
        return Refusal.OTHER_VERSION if _ANY_VERSION.match(text) else Refusal.NOT_A_PASS
    # 2. It is whole.
    try:
        body, signature = _parts(text)
        said = _read(body)
    except ValueError:
        return Refusal.DAMAGED
    # 3. It is of this school. Another school's key is not known here: its signature cannot be judged.
    if said.school != school:
        return Refusal.OTHER_SCHOOL
    # 4. This school's key signed it, and nobody changed it since.
    try:
        if key is None:
            return Refusal.WRONG_SIGNATURE
        key.verify(signature, _ABOUT + body)
    except InvalidSignature:
        return Refusal.WRONG_SIGNATURE
    return said


def _parts(text: str) -> tuple[bytes, bytes]:
    if len(text) > _LONGEST_TEXT:
        raise ValueError("longer than any pass")
    signed = base45.decode(text.removeprefix(PREFIX))
    return signed[:-_SIGNATURE_BYTES], signed[-_SIGNATURE_BYTES:]


def _read(body: bytes) -> QrPass:
    if len(body) <= _FIXED.size:
        raise ValueError("shorter than any pass")
    holder, issue, expires = _FIXED.unpack_from(body)
    return QrPass(
        Slug(body[_FIXED.size :].decode("ascii")),
        ChildId(holder.hex()),
        issue,
        datetime.fromtimestamp(expires, UTC),
    )
