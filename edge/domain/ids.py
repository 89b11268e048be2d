"""Identifiers that carry no personal data."""

import hmac
import os
import re
import time
from dataclasses import dataclass
from uuid import UUID

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_PSEUDONYM = re.compile(r"[0-9a-f]{32}")
MIN_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, order=True)
class ChildId:
    """Pseudonym of one child at one school: 32 lower-case hex digits."""

    value: str

    def __post_init__(self) -> None:
        if not _PSEUDONYM.fullmatch(self.value):
            raise ValueError("a child id is 32 lower-case hex digits")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, order=True)
class Slug:
    """Name of a school or a gate: 1 to 40 of a-z, 0-9 and inner hyphens, safe inside an MQTT topic."""

    value: str

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.value):
            raise ValueError(f"{self.value!r} is not a name of a-z, 0-9 and hyphens (at most 40)")

    def __str__(self) -> str:
        return self.value


def pseudonym(key: bytes, student_number: str) -> ChildId:
    """HMAC-SHA-256 of the trimmed student number under the school's key, first 128 bits.

    Raises ValueError for a key under 32 bytes or an empty number.
    """
    number = student_number.strip()
    if len(key) < MIN_KEY_BYTES:
        raise ValueError("the pseudonym key has under 32 bytes")
    if not number:
        raise ValueError("the student number is empty")
    return ChildId(hmac.digest(key, b"qaqpa/child/v1\x00" + number.encode(), "sha256").hex()[:32])


def uuid7(unix_seconds: float | None = None) -> UUID:
    """Time-ordered UUID version 7 (RFC 9562, section 5.7)."""
    milliseconds = int((time.time() if unix_seconds is None else unix_seconds) * 1000)
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62
    return UUID(int=value | random & (2**62 - 1))
