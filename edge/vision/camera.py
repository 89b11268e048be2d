"""What vision asks of a camera: the newest picture with its time, never a queue of old ones."""

import threading
from typing import Protocol

import numpy as np

from edge.errors import CameraError
from edge.vision.frame import Frame, Image

BLACK_LEVEL = 32


class Camera(Protocol):
    """A running source of pictures."""

    @property
    def dropped(self) -> int:
        """Pictures so far that could not be used: damaged, incomplete, or of an absurd size."""

    def newest(self, timeout: float) -> Frame | None:
        """The newest picture not yet given, or None when none arrives within `timeout` seconds.

        Raises CameraError at once when the source is gone and, as long as it stays so, after `timeout`;
        a source that can come back is opened again in the meantime.
        """

    def close(self) -> None:
        """Stop, and leave no thread and no process behind."""


class PicturesOver(CameraError):
    """A source that was to be shown once has ended; it does not come back."""

    retryable = False


class NewestFrame:
    """One slot between the thread that reads a camera and the one that looks: new replaces old."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._error: CameraError | None = None
        self._error_is_news = False

    def put(self, frame: Frame) -> None:
        """Replace whatever was there."""
        with self._changed:
            self._frame = frame
            self._error = None
            self._changed.notify_all()

    def fail(self, error: CameraError) -> None:
        """Say that no frame will come; one that is already there can still be taken."""
        with self._changed:
            self._error = error
            self._error_is_news = True
            self._changed.notify_all()

    def take(self, timeout: float) -> Frame | None:
        """As `Camera.newest`."""
        with self._changed:
            self._changed.wait_for(self._has_news, timeout)
            frame, self._frame = self._frame, None
            if frame is None and self._error is not None:
                self._error_is_news = False
                # A fresh instance: raising one object again and again would grow its traceback for days.
                raise type(self._error)(self._error.args[0], self._error.remedy)
            return frame

    def _has_news(self) -> bool:
        return self._frame is not None or (self._error is not None and self._error_is_news)


def is_black(image: Image) -> bool:
    """Whether a picture shows nothing: a covered lens or no light, noise and video black (16) included.

    A single bright lamp or window is something; every eighth pixel is looked at.
    """
    return bool(np.percentile(image[::8, ::8], 98) < BLACK_LEVEL)
