"""Source: a program that writes MJPEG to its standard output; what it says on stderr goes to our own log."""

import contextlib
import os
import select
import signal
import subprocess
import time

from edge.errors import CameraError
from edge.vision.cameras.mjpeg import MjpegSplitter
from edge.vision.cameras.pictures import decode
from edge.vision.cameras.settings import CommandCamera
from edge.vision.frame import Frame

_LOOK_SECONDS = 0.2
_CHUNK = 1 << 20


class CommandSource:
    """One run of the program, with whatever it starts itself; all of that is killed at the end."""

    def __init__(self, settings: CommandCamera) -> None:
        self._settings = settings
        self._name = settings.command[0]
        self._splitter = MjpegSplitter(settings.largest_bytes)
        self._damaged = 0
        try:
            self._process = subprocess.Popen(
                settings.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise CameraError(
                f"cannot start the camera program {self._name}: {error.strerror}",
                "Install it or mend its path",
            ) from error
        assert self._process.stdout  # noqa: S101 - it was asked for
        self._output = self._process.stdout.fileno()
        self._last_picture = time.monotonic()

    @property
    def dropped(self) -> int:
        """Pictures that were cut off, damaged or too large."""
        return self._splitter.skipped + self._damaged

    def read(self) -> Frame | None:
        """The newest picture of what has arrived; older ones of the same moment are passed over."""
        ready, _, _ = select.select([self._output], [], [], _LOOK_SECONDS)
        data = os.read(self._output, _CHUNK) if ready else b""
        arrived = time.monotonic()
        if ready and not data:
            raise CameraError(f"the camera program {self._name} ended", "Look at its messages in the log")
        for picture in reversed(self._splitter.feed(data)):
            image = decode(picture)
            if image is not None:
                self._last_picture = arrived
                return Frame(image, arrived)
            self._damaged += 1
        if arrived - self._last_picture > self._settings.stall_seconds:
            raise CameraError(f"the camera program {self._name} gives no picture", "Check the camera's cable")
        return None

    def close(self) -> None:
        """Kill the program and its children, and wait for its end."""
        # Not reaped yet, so that the group's number cannot have been given to anybody else.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with self._process:
            pass
