"""What reads bytes from outside the program, one function each: any bytes, and it keeps its promises."""

import os
import pty
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pymodbus.framer import FramerRTU

from edge.vision.cameras.mjpeg import MjpegSplitter
from turnstile.control import read_request
from turnstile.drivers import modbus_frames
from turnstile.drivers.kmtronic import Kmtronic
from turnstile.drivers.lcus import Lcus
from turnstile.drivers.numato import Numato
from turnstile.drivers.serial_relays import LONGEST_REST, Dialect
from turnstile.feed.snapshot import parse
from turnstile.inputs.board import LONGEST_LINE, BoardPassages

Target = Callable[[bytes], None]
LARGEST_PICTURE = 400
"""Small, so that too large ones come up."""


def _dialect(dialect: Dialect, relays: int) -> Target:
    def read(data: bytes) -> None:
        """The first byte cuts the rest in two, as a serial line does."""
        cut, received = data[:1], data[1:]
        middle = cut[0] % (len(received) + 1) if cut else 0
        states, rest = dialect.heard(received[:middle])
        later, rest = dialect.heard(rest[-LONGEST_REST:] + received[middle:])
        assert set(states | later) <= set(range(relays))
        assert received.endswith(rest)

    return read


def modbus(data: bytes) -> None:
    """An answer is of the unit that was asked, and what is kept is the end of what came.

    The same bytes are also given a right checksum, which chance would never find.
    """
    checksum = FramerRTU.compute_CRC(data).to_bytes(2, "big")
    for received in (data, data + checksum):
        answer, rest = modbus_frames.parse(received, 1)
        assert answer is None or answer.dev_id == 1
        assert received.endswith(rest)
        for request in (modbus_frames.read_relays(1, 8), modbus_frames.switch(1, 1, on=True)):
            assert answer is None or modbus_frames.answers(answer, request) in (True, False)


def board_lines(data: bytes) -> None:
    """What a simulated board tells, through a terminal as the gate reads it."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    inputs = BoardPassages(Path(os.ttyname(slave)), lambda: 0.0)
    try:
        for start in range(0, len(data), LONGEST_LINE):
            os.write(master, data[start : start + LONGEST_LINE])
            inputs.poll()
    finally:
        inputs.close()
        os.close(master)
        os.close(slave)


def mjpeg(data: bytes) -> None:
    """However a camera's stream is cut into pieces, the pictures are the same, and each is of the stream."""
    pieces = max(1, data[0]) if data else 1
    whole, cut = MjpegSplitter(LARGEST_PICTURE), MjpegSplitter(LARGEST_PICTURE)
    pictures = whole.feed(data)
    again = [each for at in range(0, len(data), pieces) for each in cut.feed(data[at : at + pieces])]
    assert pictures == again
    assert (whole.skipped, whole.skipped_bytes) == (cut.skipped, cut.skipped_bytes)
    assert all(each in data and len(each) <= LARGEST_PICTURE for each in pictures)


def control_line(data: bytes) -> None:
    """A request of the closed list, or an answer that it is none."""
    with suppress(ValidationError):
        assert isinstance(read_request(data), BaseModel)


def feed_line(data: bytes) -> None:
    """A snapshot that is sent on as it came, or nonsense by name."""
    with suppress(ValueError):
        snapshot = parse(data)
        assert parse(snapshot.line()) == snapshot


TARGETS: dict[str, Target] = {
    "mjpeg": mjpeg,
    "control-line": control_line,
    "feed-line": feed_line,
    "lcus": _dialect(Lcus(), 256),
    "kmtronic": _dialect(Kmtronic(2), 3),
    "kmtronic-row": _dialect(Kmtronic(8), 9),
    "numato": _dialect(Numato(), 32),
    "modbus": modbus,
    "board-lines": board_lines,
}
CORPUS = Path(__file__).parent / "corpus"
