"""A simulated KMTronic relay board, see `turnstile.drivers.kmtronic` for its bytes."""

from turnstile.boards.terminal import TerminalBoard
from turnstile.drivers.kmtronic import ALL, FRAME_BYTES, START, STATUS, asks_each, frame


class KmtronicBoard(TerminalBoard):
    """A board of 1, 2, 4 or 8 relays; only questions are answered."""

    def obey(self, pending: bytearray) -> None:
        """Three bytes at a time; anything that does not begin with FF is passed over."""
        while len(pending) >= FRAME_BYTES:
            if pending[0] != START:
                del pending[0]
                continue
            _, channel, operation = pending[:FRAME_BYTES]
            del pending[:FRAME_BYTES]
            self._carry_out(channel, operation)

    def _carry_out(self, channel: int, operation: int) -> None:
        each = asks_each(len(self._relays))
        if channel in self._relays and operation <= 1:
            self.switch(channel, on=bool(operation))
        elif channel in self._relays and operation == STATUS and each:
            self.answer(frame(channel, self._relays[channel]))
        elif channel == ALL and operation == 0 and not each:
            self.answer(bytes(self._relays.values()))
