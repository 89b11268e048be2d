"""KMTronic USB and RS-232 relay boards: 9600 8N1, three bytes, no checksum.

Source: the maker's page "KMTronic USB Relay Test software" (info.kmtronic.com).

| bytes      | meaning                                                                        |
|------------|--------------------------------------------------------------------------------|
| `FF 01 01` | relay 1 on                                                                     |
| `FF 01 00` | relay 1 off                                                                    |
| `FF 01 03` | how is relay 1? Boards of 1 and 2 relays answer `FF 01 st`, st 01 on and 00 off |
| `FF 09 00` | how are all? Boards of 4 and 8 relays answer one byte a relay, 01 on and 00 off |
"""

from collections.abc import Mapping

BAUD = 9600
START = 0xFF
FRAME_BYTES = 3
STATUS = 0x03
ALL = 0x09
BOARDS = (1, 2, 4, 8)


def frame(channel: int, operation: int) -> bytes:
    """Three bytes; operation 1 is on, 0 off, 3 the question of a small board."""
    return bytes((START, channel, operation))


def asks_each(relays: int) -> bool:
    """Whether a board with so many relays is asked about one at a time."""
    return relays <= 2


class Kmtronic:
    """The dialect of a board with 1, 2, 4 or 8 relays."""

    baud = BAUD

    def __init__(self, relays: int) -> None:
        self._relays = relays

    def command(self, channel: int, *, on: bool) -> bytes:
        """One frame."""
        return frame(channel, on)

    def question(self, wanted: Mapping[int, bool]) -> bytes:
        """A frame for each relay of a small board, one frame for a large one."""
        if asks_each(self._relays):
            return b"".join(frame(channel, STATUS) for channel in wanted)
        return frame(ALL, 0)

    def heard(self, received: bytes) -> tuple[dict[int, bool], bytes]:
        """What the answers say; anything else is noise."""
        return self._each(received) if asks_each(self._relays) else self._row(received)

    def _each(self, received: bytes) -> tuple[dict[int, bool], bytes]:
        states: dict[int, bool] = {}
        start = 0
        while len(received) - start >= FRAME_BYTES:
            first, channel, state = received[start : start + FRAME_BYTES]
            if first == START and 1 <= channel <= self._relays and state <= 1:
                states[channel] = bool(state)
                start += FRAME_BYTES
            else:
                start += 1
        return states, received[start:]

    def _row(self, received: bytes) -> tuple[dict[int, bool], bytes]:
        """Such an answer has no beginning: only exactly one byte a relay is believed."""
        if len(received) < self._relays:
            return {}, received
        if len(received) > self._relays or any(byte > 1 for byte in received):
            return {}, b""
        return {number: bool(byte) for number, byte in enumerate(received, 1)}, b""
