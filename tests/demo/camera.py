"""The demo's camera: writes MJPEG to standard output, as rpicam-vid does. Run by the gate as a command.

It films the rendered pupil that the stage file names: an approach where there is one, then the gate pictures,
moved a little from frame to frame so that no two frames are equal.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge.vision.frame import Image
from tests.demo.stage import NOBODY, on_stage

FPS = 12
HOLD_FRAMES = 6
SIZE = (640, 480)


def lobby() -> Image:
    """An empty school lobby: soft light on a wall."""
    columns = np.linspace(150, 205, SIZE[0])[None, :, None]
    rows = np.linspace(1.0, 0.75, SIZE[1])[:, None, None]
    picture: Image = (columns * rows * np.array([0.92, 0.97, 1.0])).astype(np.uint8)
    return picture


def pictures(folder: Path) -> list[Image]:
    """What the camera sees of one pupil, in order."""
    shots = [shot for shot in sorted(folder.glob("gate_*.jpg")) for _ in range(HOLD_FRAMES)]
    files = [*sorted(folder.glob("approach/*.jpg")), *shots]
    read = [cv2.imread(str(file)) for file in files]
    return [image.astype(np.uint8, copy=False) for image in read if image is not None]


def sway(image: Image, step: int) -> Image:
    """A hand's breadth of movement."""
    shift = np.array([[1, 0, 4 * np.sin(step / 3)], [0, 1, 3 * np.cos(step / 4)]], np.float32)
    return cv2.warpAffine(image, shift, SIZE, borderMode=cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)


def film(pupils: Path, stage: Path) -> Iterator[Image]:
    """Endless frames of whoever is on the stage."""
    empty, shown, reel, step = lobby(), NOBODY, [], 0
    while True:
        pupil = on_stage(stage)
        if pupil != shown:
            shown, step = pupil, 0
            reel = pictures(pupils / pupil) if pupil != NOBODY else []
        yield sway(reel[step % len(reel)] if reel else empty, step)
        step += 1


def main(pupils: Path, stage: Path) -> None:
    """Write frames at a steady pace until the reader goes away."""
    due = time.monotonic()
    for image in film(pupils, stage):
        _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 88])
        sys.stdout.buffer.write(jpeg.tobytes())
        sys.stdout.buffer.flush()
        due += 1 / FPS
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except BrokenPipeError:
        sys.exit(0)
