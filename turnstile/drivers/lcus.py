"""LCUS USB relay boards (CH340): 9600 8N1, frame `A0 ch op sum8`. Source: board sellers' pages.

| bytes         | meaning                                |
|---------------|----------------------------------------|
| `A0 01 01 A2` | relay 1 on                             |
| `A0 01 00 A1` | relay 1 off                            |
| the same      | the answer, from a board that gives one |

Some boards answer and some never do. There is no question that all of them bear, so the last command is
repeated instead: whoever answers, answers that.
"""

from collections.abc import Mapping

BAUD = 9600
START = 0xA0
FRAME_BYTES = 4


def frame(channel: int, *, on: bool) -> bytes:
    """The four bytes that switch one relay."""
    return bytes((START, channel, on, (START + channel + on) & 0xFF))


def parse(head: bytes) -> tuple[int, bool] | None:
    """The channel and position that four bytes stand for, or None if they are no frame."""
    if len(head) != FRAME_BYTES or head[0] != START or head[2] > 1:
        return None
    channel, on = head[1], bool(head[2])
    return (channel, on) if head == frame(channel, on=on) else None


class Lcus:
    """The dialect of these boards."""

    baud = BAUD

    def command(self, channel: int, *, on: bool) -> bytes:
        """One frame."""
        return frame(channel, on=on)

    def question(self, wanted: Mapping[int, bool]) -> bytes:
        """The commands again."""
        return b"".join(frame(channel, on=on) for channel, on in wanted.items())

    def heard(self, received: bytes) -> tuple[dict[int, bool], bytes]:
        """Every whole frame; bytes that begin none are passed over."""
        states: dict[int, bool] = {}
        start = 0
        while len(received) - start >= FRAME_BYTES:
            found = parse(received[start : start + FRAME_BYTES])
            if found is None:
                start += 1
                continue
            channel, on = found
            states[channel] = on
            start += FRAME_BYTES
        return states, received[start:]
