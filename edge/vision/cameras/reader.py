"""Makes a camera of any source: a thread reads, the newest picture is kept, a lost source is reopened."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from edge.errors import CameraError
from edge.vision.camera import NewestFrame
from edge.vision.cameras.pictures import upright
from edge.vision.cameras.settings import View
from edge.vision.cameras.source import Source
from edge.vision.frame import Frame


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds before a lost source is opened again; doubled after every try without a picture."""

    first: float = 0.5
    longest: float = 30.0


class ReadingCamera:
    """A `Camera`. The first opening happens here and raises CameraError; later ones are tried again.

    `interval`: least seconds between two pictures, for sources that have no pace of their own.
    """

    def __init__(
        self,
        open_source: Callable[[], Source],
        view: View,
        *,
        interval: float = 0.0,
        backoff: Backoff = Backoff(),
    ) -> None:
        self._open_source = open_source
        self._view = view
        self._interval = interval
        self._backoff = backoff
        self._newest = NewestFrame()
        self._stop = threading.Event()
        self._pictures = 0
        self._dropped_before = 0
        self._source: Source | None = open_source()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Pictures so far that could not be used."""
        source = self._source
        return self._dropped_before + (source.dropped if source else 0)

    def newest(self, timeout: float) -> Frame | None:
        """As `Camera.newest`."""
        return self._newest.take(timeout)

    def close(self) -> None:
        """As `Camera.close`."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._read_and_reopen()
        finally:
            self._let_go()
            self._newest.fail(CameraError("the camera is no longer read", "Open it again"))

    def _read_and_reopen(self) -> None:
        wait = self._backoff.first
        while not self._stop.is_set():
            pictures = self._pictures
            try:
                self._read()
            except CameraError as error:
                self._let_go()
                self._newest.fail(error)
                if not error.retryable:
                    self._stop.wait()
            wait = self._backoff.first if self._pictures > pictures else min(2 * wait, self._backoff.longest)
            self._stop.wait(wait)

    def _read(self) -> None:
        if self._source is None:
            self._source = self._open_source()
        due = time.monotonic()
        while not self._stop.is_set():
            frame = self._source.read()
            if frame is not None:
                self._newest.put(Frame(upright(frame.image, self._view), frame.captured))
                self._pictures += 1
            if self._interval:
                due = max(due + self._interval, time.monotonic())
                self._stop.wait(due - time.monotonic())

    def _let_go(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            self._dropped_before += source.dropped
            source.close()
