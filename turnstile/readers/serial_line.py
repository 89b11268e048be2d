"""Readers that send a line of text for every card over a serial port."""

import select
from collections.abc import Callable, Sequence
from time import monotonic, sleep

from turnstile.readers.device import WAIT_SECONDS
from turnstile.readers.lines import Lines
from turnstile.readers.serial_port import gone, open_port
from turnstile.readers.settings import SerialReaderSettings
from turnstile.readers.text import number_in

CHUNK_BYTES = 256
PACE_SECONDS = 0.005
"""Rest after every chunk: a reader that floods costs little, the kernel drops what is too much."""


class SerialLineDevice:
    """A `Device`; such readers show nothing on command."""

    ready = True

    def __init__(self, settings: SerialReaderSettings, clock: Callable[[], float] = monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._lines = Lines()
        self._refused = 0
        self._serial = open_port(settings.port, settings.baud)

    @property
    def misread(self) -> int:
        """As `Device.misread`."""
        return self._refused + self._lines.cut

    def read(self) -> Sequence[bytes]:
        """As `Device.read`."""
        try:
            if not select.select([self._serial], [], [], WAIT_SECONDS)[0]:
                return ()
            data = self._serial.read(CHUNK_BYTES)
        except OSError as error:
            raise gone(self._settings.port) from error
        sleep(PACE_SECONDS)
        return self._numbers(self._lines.feed(data, self._clock()))

    def feedback(self, accepted: bool) -> None:
        """Nothing to show it with."""

    def close(self) -> None:
        """As `Device.close`."""
        self._serial.close()

    def _numbers(self, messages: Sequence[bytes]) -> list[bytes]:
        found = [number_in(message, self._settings, self._settings.checksum) for message in messages]
        numbers = [number for number in found if number is not None]
        self._refused += len(found) - len(numbers)
        return numbers
