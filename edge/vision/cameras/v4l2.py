"""Source: a camera of the kernel's Video4Linux, such as a USB webcam."""

import time
from pathlib import Path

import cv2

from edge.errors import CameraError
from edge.vision.cameras.pictures import usable
from edge.vision.cameras.settings import V4l2Camera
from edge.vision.frame import Frame


class V4l2Source:
    """One device; a read blocks until the camera gives a frame (OpenCV gives up after 10 s)."""

    def __init__(self, settings: V4l2Camera) -> None:
        self._device = settings.device
        self.dropped = 0
        if not settings.device.exists():
            present = ", ".join(sorted(str(path) for path in Path("/dev").glob("video*"))) or "none"
            raise CameraError(f"there is no camera {settings.device}", f"Cameras present: {present}")
        self._capture = cv2.VideoCapture(str(settings.device), cv2.CAP_V4L2)
        if not self._capture.isOpened():
            self._capture.release()
            raise CameraError(
                f"{settings.device} is no camera, or another process uses it", "Stop the other process"
            )
        # USB cameras reach their frame rate at such sizes only with MJPEG; one buffer, so that none is old.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
        self._capture.set(cv2.CAP_PROP_FPS, settings.fps)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def read(self) -> Frame | None:
        """The next frame, with the time at which it arrived."""
        if not self._capture.grab():
            raise CameraError(f"the camera {self._device} gives no picture", "Check its cable")
        captured = time.monotonic()
        decoded, raw = self._capture.retrieve()
        image = usable(raw) if decoded else None
        if image is None:
            self.dropped += 1
            return None
        return Frame(image, captured)

    def close(self) -> None:
        """Give the device back."""
        self._capture.release()
