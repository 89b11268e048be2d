"""Source: the pictures of one directory, in the order of their names."""

import time
from collections.abc import Iterator
from pathlib import Path

from edge.errors import CameraError
from edge.vision.camera import PicturesOver
from edge.vision.cameras.pictures import decode
from edge.vision.cameras.settings import DirectoryCamera
from edge.vision.frame import Frame, Image

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


def read_picture(path: Path) -> Image | None:
    """The picture, or None if it is no usable one. Raises CameraError if the file cannot be read."""
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise CameraError(f"cannot read {path}: {error.strerror}", "Check the file and its rights") from error


class DirectorySource:
    """Pictures by name, once or again and again; the directory is listed anew each time."""

    def __init__(self, settings: DirectoryCamera) -> None:
        self._settings = settings
        self._paths = self._list()
        self.dropped = 0

    def read(self) -> Frame | None:
        """The next picture; a damaged one is passed over."""
        path = next(self._paths, None)
        if path is None:
            if not self._settings.repeat:
                raise PicturesOver(f"all of {self._settings.path} was shown", "Set repeat = true to go on")
            self._paths = self._list()
            path = next(self._paths)
        image = read_picture(path)
        if image is None:
            self.dropped += 1
            return None
        return Frame(image, time.monotonic())

    def close(self) -> None:
        """Nothing is open between two reads."""

    def _list(self) -> Iterator[Path]:
        directory = self._settings.path
        try:
            paths = sorted(path for path in directory.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)
        except OSError as error:
            raise CameraError(f"cannot list {directory}: {error.strerror}", "Check the path") from error
        if not paths:
            raise CameraError(f"no pictures in {directory}", "Put JPEG or PNG files there")
        return iter(paths)
