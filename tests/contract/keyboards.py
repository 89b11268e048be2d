"""Keyboards that no finger touches: uinput where the kernel has it, else a FIFO with the same bytes."""

import fcntl
import os
import struct
import time
from pathlib import Path

from turnstile.readers.keys import CHARACTERS, ENTER, EV_KEY, EV_SYN, EVENT

UINPUT = Path("/dev/uinput")
KEY_BYTES = 4 * EVENT.size
"""Press and release with their reports."""
CODES = {chr(character): code for code, character in CHARACTERS.items()}
UI_SET_EVBIT, UI_SET_KEYBIT = 0x40045564, 0x40045565
UI_DEV_SETUP, UI_DEV_CREATE, UI_DEV_DESTROY = 0x405C5503, 0x5501, 0x5502
UI_GET_SYSNAME = 0x8040552C


def keystrokes(text: str, *, enter: bool = True) -> bytes:
    """The events of typing a text."""
    codes = [CODES[character] for character in text] + [ENTER] * enter
    return b"".join(events(code) for code in codes)


def events(code: int) -> bytes:
    """Press and release."""
    report = EVENT.pack(0, 0, EV_SYN, 0, 0)
    return b"".join(EVENT.pack(0, 0, EV_KEY, code, value) + report for value in (1, 0))


class FifoKeyboard:
    """Carries the very structs of an input device, but can be neither grabbed nor asked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._end: int | None = None
        self.plug()

    def plug(self) -> None:
        os.mkfifo(self.path)
        self._end = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def type(self, keys: bytes) -> None:
        if self._end is not None:
            os.write(self._end, keys)

    def unplug(self) -> None:
        if self._end is not None:
            os.close(self._end)
            self._end = None
            self.path.unlink()


class UinputKeyboard:
    """A keyboard of the kernel's own, reached under a lasting name as udev would give it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._control: int | None = None
        self.plug()

    def plug(self) -> None:
        control = os.open(UINPUT, os.O_WRONLY)
        fcntl.ioctl(control, UI_SET_EVBIT, EV_KEY)
        for code in (*CODES.values(), ENTER):
            fcntl.ioctl(control, UI_SET_KEYBIT, code)
        fcntl.ioctl(control, UI_DEV_SETUP, struct.pack("HHHH80sI", 3, 0xFFFF, 0x0035, 1, b"qaqpa test", 0))
        fcntl.ioctl(control, UI_DEV_CREATE)
        name = fcntl.ioctl(control, UI_GET_SYSNAME, bytes(64)).rstrip(b"\0").decode()
        (event,) = (Path("/sys/devices/virtual/input") / name).glob("event*")
        device = Path("/dev/input") / event.name
        while not device.exists():
            time.sleep(0.01)
        self.path.symlink_to(device)
        self._control = control

    def type(self, keys: bytes) -> None:
        """Key by key, still faster than USB readers, which report every 8 or 10 ms."""
        for place in range(0, len(keys), KEY_BYTES):
            self.burst(keys[place : place + KEY_BYTES])
            time.sleep(0.002)

    def burst(self, keys: bytes) -> None:
        """All at once: more than a few cards are more than the kernel keeps."""
        if self._control is not None:
            os.write(self._control, keys)

    def unplug(self) -> None:
        if self._control is not None:
            fcntl.ioctl(self._control, UI_DEV_DESTROY)
            os.close(self._control)
            self._control = None
            self.path.unlink()
