"""One card, one number: whatever a reader makes of a card becomes the same bytes. Pure.

A card number is an unsigned integer, written as big-endian bytes without leading zeros. Readers differ in how
they write it, in how much of it they tell, and some in the order of its bytes; the settings say which.
"""

from enum import StrEnum

from pydantic import Field

from edge.config import Settings
from turnstile.readers import wiegand

LONGEST = 32


class Digits(StrEnum):
    """How a reader that sends text writes a number."""

    DECIMAL = "decimal"
    HEX = "hex"
    WIEGAND = "wiegand"


class NumberSettings(Settings):
    """`low_bytes`: keep only so many of the lowest bytes. `reverse_bytes`: the reader tells the lowest first.

    With both, the bytes are put in order first.
    """

    low_bytes: int | None = Field(default=None, ge=2, le=16)
    reverse_bytes: bool = False


def from_bytes(number: bytes, settings: NumberSettings) -> bytes | None:
    """The card number in a reader's bytes, big-endian; None for nothing, for zero and for over 32 bytes."""
    if len(number) > LONGEST:
        return None
    low_bytes = settings.low_bytes or len(number)
    if settings.reverse_bytes:
        number = number.rjust(low_bytes, b"\0")[::-1]
    number = number[max(len(number) - low_bytes, 0) :]
    return number.lstrip(b"\0") or None


def from_text(text: bytes, digits: Digits) -> bytes | None:
    """The bytes that a text writes: an even count of hex digits, a decimal number, or the bits of a Wiegand
    frame as 0 and 1. None for anything else.
    """
    if not text.isascii() or not text.isalnum() or len(text) > 2 * LONGEST:
        return None
    try:
        match digits:
            case Digits.HEX:
                return bytes.fromhex(text.decode("ascii"))
            case Digits.DECIMAL:
                value = int(text)
                return value.to_bytes((value.bit_length() + 7) // 8)
            case Digits.WIEGAND:
                return wiegand.decode(wiegand.bits_of_text(text))
    except ValueError:
        return None
