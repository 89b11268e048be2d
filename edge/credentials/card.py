"""One card, one number: what staff type, and whatever a reader makes of a card, becomes the same bytes. Pure.

A card number is an unsigned integer, as big-endian bytes without leading zeros. Readers differ in how they
write it, in how much of it they tell, and some in the order of its bytes; the settings say which.
"""

import re
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from edge.config import Settings

LONGEST = 32
_SEPARATORS = str.maketrans("", "", " :.-\t\r\n")
_PRINTED = re.compile(r"([0-9]{1,3}),([0-9]{1,5})")
"""Facility and card, as printed on cards of 26 bits: 8 and 16 bits of one number."""


class Digits(StrEnum):
    """How a number is written."""

    DECIMAL = "decimal"
    HEX = "hex"


class NumberSettings(Settings):
    """`low_bytes`: keep only so many of the lowest bytes. `reverse_bytes`: the lowest byte stands first.

    With both, the bytes are put in order first.
    """

    low_bytes: int | None = Field(default=None, ge=2, le=16)
    reverse_bytes: bool = False


class CardSettings(NumberSettings):
    """How the desk's reader, or the print on the cards, writes numbers, so that the gate's are the same."""

    digits: Digits = Digits.DECIMAL

    @model_validator(mode="after")
    def _known_width(self) -> Self:
        if self.reverse_bytes and self.low_bytes is None:
            raise ValueError("reverse_bytes needs low_bytes: how many bytes a number has")
        return self


def card_number(text: str, settings: CardSettings) -> bytes:
    """The number that a text writes. Raises ValueError for what is none, for zero and for over 32 bytes."""
    written = text.translate(_SEPARATORS)
    printed = _PRINTED.fullmatch(written)
    if printed:
        facility, card = map(int, printed.groups())
        number = whole(facility << 16 | card) if facility < 256 and card < 65536 else b""
    else:
        number = from_bytes(whole(_value(written, settings.digits)), settings) or b""
    if not number:
        raise ValueError(f"that is no card number in {settings.digits} digits")
    return number


def from_bytes(number: bytes, settings: NumberSettings) -> bytes | None:
    """The card number in big-endian bytes as told; None for nothing, for zero and for over 32 bytes."""
    if len(number) > LONGEST:
        return None
    low_bytes = settings.low_bytes or len(number)
    if settings.reverse_bytes:
        number = number.rjust(low_bytes, b"\0")[::-1]
    number = number[max(len(number) - low_bytes, 0) :]
    return number.lstrip(b"\0") or None


def whole(value: int) -> bytes:
    """An unsigned integer as big-endian bytes; none for zero."""
    return value.to_bytes((value.bit_length() + 7) // 8)


def _value(written: str, digits: Digits) -> int:
    """Zero for what is no number."""
    if not written.isascii() or not written.isalnum() or len(written) > 2 * LONGEST:
        return 0
    try:
        return int(written, 16 if digits is Digits.HEX else 10)
    except ValueError:
        return 0
