"""Cuts what a serial reader sends into messages. Pure; time is an argument."""

from turnstile.readers.text import LONGEST_MESSAGE

STX = 0x02
"""Begins a message at many readers (ID-12, RDM6300): whatever came before it was noise."""
ENDS = frozenset(b"\r\n\x03")
"""Carriage return, line feed and ETX each end a message; the empty ones between them are none."""
PAUSE_SECONDS = 0.3
"""A longer pause within a message means that its rest was lost."""


class Lines:
    """Keeps at most one message; `cut` counts messages that were too long or that broke off."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._overlong = False
        self._last = float("-inf")
        self.cut = 0

    def feed(self, data: bytes, at: float) -> list[bytes]:
        """The messages that ended in `data`, which came at `at` seconds, without their ends."""
        if at - self._last > PAUSE_SECONDS:
            self._break_off()
        self._last = at
        messages = []
        for byte in data:
            if byte in ENDS:
                if self._pending and not self._overlong:
                    messages.append(bytes(self._pending))
                self._start()
            elif byte == STX:
                self._break_off()
            else:
                self._take(byte)
        return messages

    def _take(self, byte: int) -> None:
        if len(self._pending) < LONGEST_MESSAGE:
            self._pending.append(byte)
        elif not self._overlong:
            self._overlong = True
            self.cut += 1

    def _break_off(self) -> None:
        if self._pending and not self._overlong:
            self.cut += 1
        self._start()

    def _start(self) -> None:
        self._pending.clear()
        self._overlong = False
