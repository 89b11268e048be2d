"""The serial port as libosdp calls it. No exception may pass through libosdp's C code: the first is kept."""

import select
import termios

import serial


class Channel:
    """Duck-typed for `osdp_sys`: read, write and flush at once, without waiting.

    libosdp never lets go of its channel object, so it is small and the port is closed from outside.
    """

    __slots__ = ("failed", "received", "serial")

    def __init__(self, port: serial.Serial) -> None:
        self.serial = port
        self.failed = False
        self.received = 0

    def read(self, most: int) -> bytes:
        """What has come, at most `most` bytes."""
        try:
            data: bytes = self.serial.read(most)
        except OSError:
            self.failed = True
            return b""
        self.received += len(data)
        return data

    def write(self, data: bytes) -> int:
        """How many bytes went out: all, or -1."""
        try:
            return self.serial.write(data) or 0
        except OSError:
            self.failed = True
            return -1

    def flush(self) -> None:
        """Drop what has come: it answers nothing that was asked."""
        try:
            self.serial.reset_input_buffer()
        except (OSError, termios.error):
            self.failed = True

    def wait(self, seconds: float) -> None:
        """Until something comes, at most so long."""
        try:
            select.select([self.serial], [], [], seconds)
        except OSError:
            self.failed = True
