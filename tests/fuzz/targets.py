"""What reads bytes from outside the program, one function each: any bytes, and it keeps its promises."""

import os
import pty
import tty
from collections.abc import Callable
from pathlib import Path

from pymodbus.framer import FramerRTU

from turnstile.drivers import modbus_frames
from turnstile.drivers.kmtronic import Kmtronic
from turnstile.drivers.lcus import Lcus
from turnstile.drivers.numato import Numato
from turnstile.drivers.serial_relays import LONGEST_REST, Dialect
from turnstile.inputs.board import LONGEST_LINE, BoardPassages

Target = Callable[[bytes], None]


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


TARGETS: dict[str, Target] = {
    "lcus": _dialect(Lcus(), 256),
    "kmtronic": _dialect(Kmtronic(2), 3),
    "kmtronic-row": _dialect(Kmtronic(8), 9),
    "numato": _dialect(Numato(), 32),
    "modbus": modbus,
    "board-lines": board_lines,
}
CORPUS = Path(__file__).parent / "corpus"
