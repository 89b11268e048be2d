"""What a kind of camera must be able to do; `reader` makes a `Camera` of it."""

from typing import Protocol

from edge.vision.frame import Frame


class Source(Protocol):
    """Opened at construction, which raises CameraError; then read and closed by one thread."""

    @property
    def dropped(self) -> int:
        """Pictures since the opening that could not be used."""

    def read(self) -> Frame | None:
        """The next picture, or None if nothing usable came within a fraction of a second.

        Raises CameraError when the source is gone, PicturesOver when it has ended as it should.
        """

    def close(self) -> None:
        """Give the device or process back. Never raises."""
