"""One card, one number: what staff type, or a desk reader types for them, becomes what a gate reads.

A card number is an unsigned integer, as big-endian bytes without leading zeros.
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


class CardSettings(Settings):
    """How the desk's reader, or the print on the cards, writes numbers; so that they equal the gate reader's.

    `low_bytes`: keep only so many of the lowest bytes. `reverse_bytes`: the lowest byte stands first.
    """

    digits: Digits = Digits.DECIMAL
    low_bytes: int | None = Field(default=None, ge=2, le=16)
    reverse_bytes: bool = False

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
        number = _bytes(facility << 16 | card) if facility < 256 and card < 65536 else b""
    else:
        number = _in_order(_bytes(_value(written, settings.digits)), settings)
    if not 1 <= len(number) <= LONGEST:
        raise ValueError(f"that is no card number in {settings.digits} digits")
    return number


def _value(written: str, digits: Digits) -> int:
    """Zero for what is no number."""
    if not written.isascii() or not written.isalnum() or len(written) > 2 * LONGEST:
        return 0
    try:
        return int(written, 16 if digits is Digits.HEX else 10)
    except ValueError:
        return 0


def _in_order(number: bytes, settings: CardSettings) -> bytes:
    width = settings.low_bytes or len(number)
    if settings.reverse_bytes:
        number = number.rjust(width, b"\0")[::-1]
    return number[max(len(number) - width, 0) :].lstrip(b"\0")


def _bytes(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8)
