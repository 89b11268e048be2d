"""Which camera there is and how it hangs."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from edge.config import AbsolutePath, Settings

Part = Annotated[float, Field(ge=0, le=1)]


class Crop(Settings):
    """The part of the turned picture to look at, each edge as a part of its side from the left or top."""

    left: Part = 0.0
    top: Part = 0.0
    right: Part = 1.0
    bottom: Part = 1.0

    @model_validator(mode="after")
    def _has_area(self) -> Self:
        if self.right - self.left < 0.05 or self.bottom - self.top < 0.05:
            raise ValueError("the crop leaves less than a twentieth of a side")
        return self


class View(Settings):
    """How a picture is put upright: clockwise degrees first, then the crop."""

    rotate: Literal[0, 90, 180, 270] = 0
    crop: Crop = Crop()


class FileCamera(View):
    """One picture, or a video."""

    source: Literal["file"]
    path: AbsolutePath
    fps: float = Field(default=10.0, gt=0, le=120)
    repeat: bool = True


class DirectoryCamera(View):
    """The pictures of one directory, in the order of their names."""

    source: Literal["directory"]
    path: AbsolutePath
    fps: float = Field(default=10.0, gt=0, le=120)
    repeat: bool = True


class V4l2Camera(View):
    """A USB camera. Name it under /dev/v4l/by-id: video numbers change."""

    source: Literal["v4l2"]
    device: AbsolutePath
    width: int = Field(default=1280, ge=160, le=4096)
    height: int = Field(default=720, ge=120, le=4096)
    fps: float = Field(default=15.0, gt=0, le=120)


class CommandCamera(View):
    """A program that writes MJPEG to its standard output, such as `rpicam-vid --codec mjpeg -o -`.

    `command` is the program and its arguments, no shell. `stall_seconds` without a picture are a fault.
    """

    source: Literal["command"]
    command: tuple[str, ...] = Field(min_length=1)
    largest_bytes: int = Field(default=4_000_000, ge=1_000, le=64_000_000)
    stall_seconds: float = Field(default=10.0, gt=0, le=120)


CameraSettings: TypeAlias = Annotated[
    FileCamera | DirectoryCamera | V4l2Camera | CommandCamera, Field(discriminator="source")
]
