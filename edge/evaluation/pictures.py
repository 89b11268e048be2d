"""Reads one picture of any make without ever holding an absurd one in memory."""

import contextlib
import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np

from edge.evaluation.headers import read_header
from edge.vision.cameras.pictures import SMALLEST_SIDE
from edge.vision.frame import Image

MOST_PIXELS = 40_000_000  # decoded: 120 MB, and as much again while it is turned upright
MOST_BYTES = 200_000_000
LONGEST_SIDE = 32_767  # OpenCV's geometry counts in 16 bits


class Problem(StrEnum):
    """Why a picture gave no vector."""

    OUTSIDE = "not in a person's folder"
    FOLDER = "a folder, not a picture"
    LINK_BACK = "a link back to the whole folder"
    UNREADABLE = "cannot be opened"
    NOT_A_PICTURE = "not a picture"
    DAMAGED = "damaged picture"
    TOO_SMALL = f"smaller than {SMALLEST_SIDE} pixels"
    TOO_LARGE = f"larger than {MOST_PIXELS // 1_000_000} megapixels"
    ANIMATED = "animated"
    DUPLICATE = "same file twice"
    SHARED = "same file for two people"
    NO_FACE = "no face found"
    BAD_LANDMARKS = "landmarks unusable"


FAILURES_TO_ACQUIRE = frozenset({Problem.NO_FACE, Problem.BAD_LANDMARKS})
"""What counts as a failure to acquire; the other problems are bad input and say nothing about recognition."""


def read_bytes(path: Path) -> bytes | Problem:
    """The file, unless it is something else, absurdly large or may not be read."""
    try:
        if not path.is_file():  # a pipe would be waited for forever
            return Problem.UNREADABLE
        if path.stat().st_size > MOST_BYTES:
            return Problem.TOO_LARGE
        return path.read_bytes()
    except OSError:
        return Problem.UNREADABLE


def decode(data: bytes) -> Image | Problem:
    """The picture as BGR, upright by its EXIF mark; its size is judged before a pixel is decoded."""
    header = read_header(data)
    if header is None:
        return Problem.NOT_A_PICTURE
    if header.animated:
        return Problem.ANIMATED
    if min(header.width, header.height) < SMALLEST_SIDE:
        return Problem.TOO_SMALL
    if header.width * header.height > MOST_PIXELS or max(header.width, header.height) > LONGEST_SIDE:
        return Problem.TOO_LARGE
    try:
        with _silent_stderr():
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return Problem.DAMAGED
    return Problem.DAMAGED if image is None else np.asarray(image, np.uint8)


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """The decoders' C libraries write complaints straight to descriptor 2, across the progress bar."""
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
