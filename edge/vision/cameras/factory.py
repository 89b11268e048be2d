"""From the configuration to a running camera; nothing is probed and nothing falls back."""

from typing import assert_never

from edge.vision.camera import Camera
from edge.vision.cameras.command import CommandSource
from edge.vision.cameras.directory import DirectorySource
from edge.vision.cameras.file import open_file
from edge.vision.cameras.reader import ReadingCamera
from edge.vision.cameras.settings import (
    CameraSettings,
    CommandCamera,
    DirectoryCamera,
    FileCamera,
    V4l2Camera,
)
from edge.vision.cameras.v4l2 import V4l2Source


def open_camera(settings: CameraSettings) -> Camera:
    """Open the named camera and start to read it. Raises CameraError that says why it cannot."""
    match settings:
        case FileCamera():
            return ReadingCamera(lambda: open_file(settings), settings, interval=1 / settings.fps)
        case DirectoryCamera():
            return ReadingCamera(lambda: DirectorySource(settings), settings, interval=1 / settings.fps)
        case V4l2Camera():
            return ReadingCamera(lambda: V4l2Source(settings), settings)
        case CommandCamera():
            return ReadingCamera(lambda: CommandSource(settings), settings)
    assert_never(settings)
