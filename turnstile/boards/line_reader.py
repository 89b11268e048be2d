"""A simulated card reader that sends a line of text for every card over a serial port."""

from functools import reduce
from operator import xor
from pathlib import Path

from turnstile.boards.pseudo_terminal import PseudoTerminal
from turnstile.readers.number import Digits
from turnstile.readers.text import Checksum
from turnstile.readers.wiegand import encode

DECIMAL_PLACES = 10


class LineReader:
    """`digits` and `checksum` as the gate's settings name them."""

    def __init__(
        self, digits: Digits, checksum: Checksum = Checksum.NONE, *, link: Path | None = None
    ) -> None:
        self._digits = digits
        self._checksum = checksum
        self.wire = PseudoTerminal(link)

    def present(self, number: bytes) -> None:
        """Hold a card to it. Raises ValueError for a number it cannot write."""
        self.wire.write(line_of(number, self._digits, self._checksum))

    def close(self) -> None:
        """Give the terminal back."""
        self.wire.unplug()


def line_of(number: bytes, digits: Digits, checksum: Checksum = Checksum.NONE) -> bytes:
    """What such a reader sends for a card. Raises ValueError for a number that has no such line."""
    match digits:
        case Digits.DECIMAL:
            text = str(int.from_bytes(number)).zfill(DECIMAL_PLACES)
        case Digits.WIEGAND:
            text = encode(number)
        case Digits.HEX:
            guard = bytes((reduce(xor, number, 0),)) if checksum is Checksum.XOR else b""
            text = (number + guard).hex().upper()
    return text.encode("ascii") + b"\r\n"
