"""Source: one picture file, or a video file."""

import time

import cv2

from edge.errors import CameraError
from edge.vision.camera import PicturesOver
from edge.vision.cameras.directory import PICTURE_SUFFIXES, read_picture
from edge.vision.cameras.pictures import usable
from edge.vision.cameras.settings import FileCamera
from edge.vision.cameras.source import Source
from edge.vision.frame import Frame


def open_file(settings: FileCamera) -> Source:
    """A source for the kind of file that its suffix names. Raises CameraError if it is not there."""
    if not settings.path.is_file():
        raise CameraError(f"there is no file {settings.path}", "Name a picture or a video")
    if settings.path.suffix.lower() in PICTURE_SUFFIXES:
        return PictureSource(settings)
    return VideoSource(settings)


class PictureSource:
    """The same picture, once or for ever."""

    def __init__(self, settings: FileCamera) -> None:
        self._settings = settings
        self._shown = False
        self.dropped = 0

    def read(self) -> Frame | None:
        """The picture as it is on disk now."""
        if self._shown and not self._settings.repeat:
            raise PicturesOver(f"{self._settings.path} was shown", "Set repeat = true to see it again")
        self._shown = True
        image = read_picture(self._settings.path)
        if image is None:
            self.dropped += 1
            return None
        return Frame(image, time.monotonic())

    def close(self) -> None:
        """Nothing is open between two reads."""


class VideoSource:
    """The frames of a video, once or for ever."""

    def __init__(self, settings: FileCamera) -> None:
        self._settings = settings
        self._video = cv2.VideoCapture(str(settings.path))
        self._frames = 0
        self.dropped = 0
        if not self._video.isOpened():
            self._video.release()
            raise CameraError(f"{settings.path} is no video that can be read", "Name another file")

    def read(self) -> Frame | None:
        """The next frame; after the last one the first, if it repeats."""
        more, raw = self._video.read()
        if not more:
            self._rewind()
            return None
        self._frames += 1
        image = usable(raw)
        if image is None:
            self.dropped += 1
            return None
        return Frame(image, time.monotonic())

    def close(self) -> None:
        """Close the file."""
        self._video.release()

    def _rewind(self) -> None:
        if not self._frames:
            raise CameraError(f"{self._settings.path} holds no frame", "Name another file")
        if not self._settings.repeat:
            raise PicturesOver(f"{self._settings.path} has ended", "Set repeat = true to see it again")
        self._frames = 0
        self._video.release()
        self._video.open(str(self._settings.path))
