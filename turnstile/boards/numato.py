"""A simulated Numato relay module, see `turnstile.drivers.numato` for its text."""

from turnstile.boards.terminal import TerminalBoard
from turnstile.drivers.numato import END, NAMES

NEXT_LINE = b"\n\r"
LONGEST_LINE = 64


class NumatoBoard(TerminalBoard):
    """A module whose relays are counted from 0; it repeats every line, then says what it has to say."""

    first_channel = 0

    def obey(self, pending: bytearray) -> None:
        """Whole lines; one that it does not know changes nothing."""
        *lines, rest = pending.split(END)
        pending[:] = rest[-LONGEST_LINE:]
        for line in lines:
            self.answer(bytes(line) + NEXT_LINE + self._carry_out(bytes(line)) + b">")

    def _carry_out(self, line: bytes) -> bytes:
        words = line.decode("ascii", "replace").split()
        match words:
            case ["relay", "on" | "off" | "read" as verb, name] if NAMES.find(name) in self._relays:
                channel = NAMES.index(name)
            case _:
                return b""
        if verb == "read":
            return (b"on" if self._relays[channel] else b"off") + NEXT_LINE
        self.switch(channel, on=verb == "on")
        return b""
