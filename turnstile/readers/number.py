"""The bytes that a reader's text writes; `edge.credentials.card` makes the card's number of them. Pure."""

from enum import StrEnum

from edge.credentials.card import LONGEST, whole
from turnstile.readers import wiegand


class Digits(StrEnum):
    """How a reader that sends text writes a number."""

    DECIMAL = "decimal"
    HEX = "hex"
    WIEGAND = "wiegand"


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
                return whole(int(text))
            case Digits.WIEGAND:
                return wiegand.decode(wiegand.bits_of_text(text))
    except ValueError:
        return None
