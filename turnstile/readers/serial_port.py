"""Opens the serial port of a reader, for this process alone."""

import errno
import termios
from pathlib import Path

import serial

from edge.errors import ReaderError
from turnstile.drivers.ports import present_ports

WRITE_SECONDS = 0.2


def open_port(path: Path, baud: int) -> serial.Serial:
    """The port, 8N1, never waiting for input. Raises ReaderError that lists the ports present."""
    try:
        return serial.Serial(str(path), baud, timeout=0, write_timeout=WRITE_SECONDS, exclusive=True)
    except OSError as error:
        raise ReaderError(*_why(path, error.errno)) from error
    except termios.error as error:  # the reader went away between two steps of the opening
        raise ReaderError(*_why(path, errno.EIO)) from error


def _why(path: Path, code: int | None) -> tuple[str, str]:
    if code in (errno.EAGAIN, errno.EBUSY):
        return f"something uses {path} already", "Give every reader and board a port of its own"
    if code == errno.EACCES:
        return f"no right to open {path}", "Add this user to the group of the port (dialout)"
    ports = ", ".join(present_ports()) or "none"
    return f"cannot open the card reader at {path}", f"Plug it in or name another port: {ports}"


def gone(path: Path) -> ReaderError:
    """The error of a port that was open and is there no more."""
    return ReaderError(f"the card reader at {path} went away", "Check its cable")
