"""A simulated LCUS relay board: the bytes of the real one (`A0 ch op sum8`), see `turnstile.drivers.lcus`."""

from turnstile.boards.terminal import TerminalBoard
from turnstile.drivers.lcus import FRAME_BYTES, parse


class LcusBoard(TerminalBoard):
    """One that answers repeats every frame it obeys."""

    def obey(self, pending: bytearray) -> None:
        """Whole frames; bytes that begin none are passed over."""
        while len(pending) >= FRAME_BYTES:
            head = bytes(pending[:FRAME_BYTES])
            command = parse(head)
            if command is None:
                del pending[0]
                continue
            del pending[:FRAME_BYTES]
            channel, on = command
            if channel in self._relays:
                self.switch(channel, on=on)
                self.answer(head)
