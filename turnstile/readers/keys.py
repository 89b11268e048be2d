"""Key events of the Linux input layer, as a keyboard-wedge reader makes them. Pure; time is an argument.

Event layout and codes: `linux/input.h` and `linux/input-event-codes.h`. Codes name places on a keyboard; what
a reader set to the US layout "types" is read here.
"""

import struct
from collections.abc import Iterator

from turnstile.readers.lines import PAUSE_SECONDS
from turnstile.readers.text import LONGEST_MESSAGE

EVENT = struct.Struct("@LLHHi")
"""Seconds, microseconds, type, code, value; native, so that it fits 32- and 64-bit kernels."""
EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
PRESSED = 1
ENTER, KP_ENTER = 28, 96
SHIFTS = frozenset({42, 54})
_ROWS = {2: "1234567890", 16: "qwertyuiop", 30: "asdfghjkl", 44: "zxcvbnm", 71: "789", 75: "456", 79: "1230"}
CHARACTERS = {
    first + place: ord(character)
    for first, row in _ROWS.items()
    for place, character in enumerate(row.upper())
}
"""Code of a key and the character it writes; letters are capitals, with Shift or without."""
_UNKNOWN = ord("?")


class Keys:
    """Keeps at most one message; `cut` counts messages too long, broken off, or lost by the kernel."""

    def __init__(self) -> None:
        self._bytes = b""
        self._pending = bytearray()
        self._lost = False
        self._last = float("-inf")
        self.cut = 0

    def feed(self, data: bytes, at: float) -> list[bytes]:
        """The messages ended by Enter in these events, which came at `at` seconds."""
        if at - self._last > PAUSE_SECONDS:
            self._break_off()
        self._last = at
        messages = []
        for kind, code, value in self._events(data):
            if (kind, code) == (EV_SYN, SYN_DROPPED):
                self._lose()
            elif kind == EV_KEY and value == PRESSED and code not in SHIFTS:
                message = self._press(code)
                if message:
                    messages.append(message)
        return messages

    def _events(self, data: bytes) -> Iterator[tuple[int, int, int]]:
        data = self._bytes + data
        whole = len(data) - len(data) % EVENT.size
        self._bytes = data[whole:]
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            yield kind, code, value

    def _press(self, code: int) -> bytes | None:
        if code in (ENTER, KP_ENTER):
            message = None if self._lost else bytes(self._pending)
            self._start()
            return message
        if len(self._pending) < LONGEST_MESSAGE:
            self._pending.append(CHARACTERS.get(code, _UNKNOWN))
        else:
            self._lose()
        return None

    def _lose(self) -> None:
        """What comes until the next Enter is only part of a number."""
        if not self._lost:
            self._lost = True
            self.cut += 1

    def _break_off(self) -> None:
        if self._pending and not self._lost:
            self.cut += 1
        self._start()

    def _start(self) -> None:
        self._pending.clear()
        self._lost = False
