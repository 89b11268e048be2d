"""One serial line to one relay board: held exclusively, and able to go away and come back."""

import contextlib
import errno
import select
import termios
from pathlib import Path

import serial

from edge.errors import TurnstileError
from turnstile.drivers.ports import how_to_find_a_port

WRITE_SECONDS = 1.0
LONGEST_READ = 4096


class SerialLine:
    """A port, 8 data bits and 1 stop bit, closed until `open`. All methods but `close` raise TurnstileError.

    `parity` is N, E or O. Nothing here waits, except `read` if it is asked to.
    """

    def __init__(self, port: Path, baud: int, parity: str = serial.PARITY_NONE) -> None:
        self.port = port
        self._baud = baud
        self._parity = parity
        self._serial: serial.Serial | None = None

    def open(self) -> None:
        """Open the port, anew if it was open: after a replug the same name leads to another device."""
        self.close()
        try:
            self._serial = serial.Serial(
                str(self.port),
                self._baud,
                parity=self._parity,
                timeout=0,
                write_timeout=WRITE_SECONDS,
                exclusive=True,
            )
        except OSError as error:
            raise TurnstileError(*self._why(error.errno)) from error
        except termios.error as error:  # the board went away between two steps of the opening
            raise TurnstileError(*self._why(errno.EIO)) from error

    def write(self, data: bytes) -> None:
        """Hand all bytes to the port."""
        port = self._opened()
        try:
            port.write(data)
        except OSError as error:
            raise self._gone() from error

    def read(self, wait: float = 0.0) -> bytes:
        """What came since the last call, at most 4096 bytes; waits so long at most for the first one."""
        port = self._opened()
        try:
            if wait > 0:
                select.select([port.fileno()], [], [], wait)
            return bytes(port.read(min(max(1, port.in_waiting), LONGEST_READ)))
        except OSError as error:
            raise self._gone() from error

    def discard(self) -> None:
        """Forget what came and was not read."""
        port = self._opened()
        try:
            port.reset_input_buffer()
        except (OSError, termios.error) as error:
            raise self._gone() from error

    def close(self) -> None:
        """Free the port."""
        port, self._serial = self._serial, None
        if port is not None:
            with contextlib.suppress(OSError):
                port.close()

    def _opened(self) -> serial.Serial:
        if self._serial is None:
            raise TurnstileError(f"the relay board at {self.port} is away", "Check its cable")
        return self._serial

    def _gone(self) -> TurnstileError:
        self.close()
        return TurnstileError(f"the relay board at {self.port} went away", "Check its cable")

    def _why(self, code: int | None) -> tuple[str, str]:
        if code in (errno.EAGAIN, errno.EBUSY):
            return f"another process uses {self.port}", "Stop it: only one gate can drive a board"
        if code == errno.EACCES:
            return f"no right to open {self.port}", "Add this user to the group of the port (dialout)"
        return f"cannot open the relay board at {self.port}", how_to_find_a_port()
