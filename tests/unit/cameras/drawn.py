"""Drawn pictures whose number survives JPEG, and patience for busy machines."""

import time
from collections.abc import Callable

import cv2
import numpy as np

from edge.vision.camera import Camera
from edge.vision.frame import Frame, Image

PATIENCE = 30.0
LEVELS = 12


def draw(number: int, width: int = 64, height: int = 48) -> Image:
    """A grey picture; the grey is the number."""
    return np.full((height, width, 3), 10 + 20 * (number % LEVELS), np.uint8)


def number_of(image: Image) -> int:
    return round((float(image.mean()) - 10) / 20)


def jpeg(image: Image) -> bytes:
    return cv2.imencode(".jpg", image)[1].tobytes()


def next_frame(camera: Camera) -> Frame:
    frame = camera.newest(PATIENCE)
    assert frame is not None
    return frame


def becomes_true(question: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not question() and time.monotonic() < until:
        time.sleep(0.005)
    return question()
