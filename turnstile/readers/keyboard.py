"""USB readers that behave as a keyboard ("keyboard wedge"): they type the number and Enter.

The device is grabbed: else every card would also be typed into the console, where it could be a login.
"""

import errno
import fcntl
import os
import select
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, sleep

from edge.errors import ReaderError
from turnstile.readers.device import WAIT_SECONDS
from turnstile.readers.keys import EVENT, Keys
from turnstile.readers.serial_port import gone
from turnstile.readers.settings import KeyboardReaderSettings
from turnstile.readers.text import number_in

EVIOCGRAB = 0x40044590
"""`_IOW('E', 0x90, int)` of `linux/input.h`, the same on x86 and ARM."""
CHUNK_EVENTS = 64
PACE_SECONDS = 0.005
BY_ID = Path("/dev/input/by-id")


def grab(keyboard: int) -> None:
    """Have all events of an open input device go to nobody else. Raises OSError."""
    fcntl.ioctl(keyboard, EVIOCGRAB, 1)


class KeyboardDevice:
    """A `Device`; the lights of a keyboard mean something else, so it shows nothing.

    `take`: how the opened device is made ours alone; only tests without an input layer name another way.
    """

    ready = True

    def __init__(
        self,
        settings: KeyboardReaderSettings,
        take: Callable[[int], None] = grab,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._keys = Keys()
        self._refused = 0
        self._keyboard: int | None = self._open(take)

    @property
    def misread(self) -> int:
        """As `Device.misread`."""
        return self._refused + self._keys.cut

    def read(self) -> Sequence[bytes]:
        """As `Device.read`."""
        if self._keyboard is None:
            raise gone(self._settings.device)
        try:
            if not select.select([self._keyboard], [], [], WAIT_SECONDS)[0]:
                return ()
            data = os.read(self._keyboard, CHUNK_EVENTS * EVENT.size)
        except OSError as error:
            raise gone(self._settings.device) from error
        if not data:
            raise gone(self._settings.device)
        sleep(PACE_SECONDS)
        found = [number_in(message, self._settings) for message in self._keys.feed(data, self._clock())]
        numbers = [number for number in found if number is not None]
        self._refused += len(found) - len(numbers)
        return numbers

    def feedback(self, accepted: bool) -> None:
        """Nothing to show it with."""

    def close(self) -> None:
        """As `Device.close`; the grab ends with it."""
        if self._keyboard is not None:
            os.close(self._keyboard)
            self._keyboard = None

    def _open(self, take: Callable[[int], None]) -> int:
        try:
            keyboard = os.open(self._settings.device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise ReaderError(*self._why(error.errno)) from error
        try:
            take(keyboard)
        except OSError as error:
            os.close(keyboard)
            raise ReaderError(*self._why(error.errno)) from error
        return keyboard

    def _why(self, code: int | None) -> tuple[str, str]:
        device = self._settings.device
        if code == errno.EBUSY:
            return f"something else has taken {device} already", "Stop it: only one gate can have a reader"
        if code == errno.EACCES:
            return f"no right to open {device}", "Add this user to the group of the input devices (input)"
        if code == errno.ENOTTY:
            return f"{device} is no keyboard reader", f"Name one of these: {_present()}"
        return f"cannot open the card reader at {device}", f"Plug it in or name another one: {_present()}"


def _present() -> str:
    """The keyboards that have a lasting name."""
    return ", ".join(sorted(map(str, BY_ID.glob("*-event-kbd")))) or "none is there"
