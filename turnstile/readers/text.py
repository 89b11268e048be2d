"""One message of a reader that sends text: what surrounds the number, and how it is checked. Pure."""

from enum import StrEnum
from functools import reduce
from operator import xor
from typing import Annotated, Self

from pydantic import Field, model_validator

from edge.credentials.card import LONGEST, NumberSettings, from_bytes
from turnstile.readers.number import Digits, from_text

LONGEST_MESSAGE = 96
"""Characters; the longest number as hex digits and what may surround it."""

Surrounding = Annotated[str, Field(max_length=16, pattern=r"^[!-~]*$")]


class Checksum(StrEnum):
    """How a message guards itself against noise on the wire."""

    NONE = "none"
    XOR = "xor"


class TextSettings(NumberSettings):
    """`digits`: how the number is written. `length`: how many characters it has, the checksum included; any
    other count is refused. `prefix` and `suffix` stand around every number.
    """

    digits: Digits = Digits.DECIMAL
    length: int | None = Field(default=None, ge=2, le=2 * LONGEST)
    prefix: Surrounding = ""
    suffix: Surrounding = ""

    @model_validator(mode="after")
    def _known_width(self) -> Self:
        if self.reverse_bytes and self.digits is Digits.DECIMAL and self.low_bytes is None:
            raise ValueError("reverse_bytes of a decimal number needs low_bytes: how many bytes it has")
        return self


def number_in(message: bytes, settings: TextSettings, checksum: Checksum = Checksum.NONE) -> bytes | None:
    """The card number in one message without its line end; None if it is not exactly what is expected."""
    prefix, suffix = settings.prefix.encode("ascii"), settings.suffix.encode("ascii")
    if len(message) <= len(prefix) + len(suffix):
        return None
    if not (message.startswith(prefix) and message.endswith(suffix)):
        return None
    text = message[len(prefix) : len(message) - len(suffix)]
    if settings.length is not None and len(text) != settings.length:
        return None
    number = from_text(text, settings.digits)
    if number is not None and checksum is Checksum.XOR:
        number = _checked(number)
    return None if number is None else from_bytes(number, settings)


def _checked(data: bytes) -> bytes | None:
    """The bytes before a last one that is the exclusive or of them all; None if it is not."""
    *number, checksum = data
    return bytes(number) if number and checksum == reduce(xor, number) else None
