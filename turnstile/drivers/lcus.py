"""Driver for LCUS USB relay boards (CH340): 9600 8N1, frame `A0 ch op sum8`. Source: board sellers' pages.

Some boards answer and some never do, so nothing that a board says is read. The relays only ask the turnstile
to let somebody through: what it does without us, exit free and fire open, is wired at the turnstile.
"""

import contextlib
import errno
import termios

import serial

from edge.domain.events import Direction
from edge.errors import TurnstileError
from turnstile.drivers.ports import present_ports
from turnstile.drivers.settings import LcusSettings

START = 0xA0
FRAME_BYTES = 4
WRITE_SECONDS = 1.0


def frame(channel: int, *, on: bool) -> bytes:
    """The four bytes that switch one relay."""
    return bytes((START, channel, on, (START + channel + on) & 0xFF))


class LcusTurnstile:
    """A turnstile whose unlock contacts hang on an LCUS board; raises TurnstileError at construction too."""

    def __init__(self, settings: LcusSettings) -> None:
        self._port = settings.port
        self._channels = {Direction.IN: settings.channel_in}
        if settings.channel_out is not None:
            self._channels[Direction.OUT] = settings.channel_out
        self._serial: serial.Serial | None = None
        self.reconnect()

    def release(self, direction: Direction) -> None:
        """Close the relay of one direction; a direction without a channel is free anyway."""
        if direction in self._channels:
            self._switch(direction, on=True)

    def lock(self) -> None:
        """Open all relays."""
        for direction in self._channels:
            self._switch(direction, on=False)

    def open_all(self) -> None:
        """Close all relays."""
        for direction in self._channels:
            self._switch(direction, on=True)

    def reconnect(self) -> None:
        """Open the port, again if it was open. All relays go off: an earlier process may have left one on.

        That causes no glitch: a board powers up with its relays off, and off twice moves nothing.
        """
        self._drop()
        self._serial = self._open()
        self.lock()

    def close(self) -> None:
        """Lock if the board is still there, and free the port."""
        with contextlib.suppress(TurnstileError):
            self.lock()
        self._drop()

    def _open(self) -> serial.Serial:
        try:
            return serial.Serial(
                str(self._port), 9600, timeout=0, write_timeout=WRITE_SECONDS, exclusive=True
            )
        except OSError as error:
            raise TurnstileError(*self._why(error.errno)) from error
        except termios.error as error:  # the board went away between two steps of the opening
            raise TurnstileError(*self._why(errno.EIO)) from error

    def _why(self, code: int | None) -> tuple[str, str]:
        if code in (errno.EAGAIN, errno.EBUSY):
            return f"another process uses {self._port}", "Stop it: only one gate can drive a board"
        if code == errno.EACCES:
            return f"no right to open {self._port}", "Add this user to the group of the port (dialout)"
        ports = ", ".join(present_ports()) or "none"
        return f"cannot open the relay board at {self._port}", f"Plug it in or name another port: {ports}"

    def _switch(self, direction: Direction, *, on: bool) -> None:
        if self._serial is None:
            raise TurnstileError(f"the relay board at {self._port} is away", "Check its cable")
        try:
            self._serial.write(frame(self._channels[direction], on=on))
        except OSError as error:
            self._drop()
            raise TurnstileError(f"the relay board at {self._port} went away", "Check its cable") from error

    def _drop(self) -> None:
        if self._serial is not None:
            self._serial.close()
            self._serial = None
