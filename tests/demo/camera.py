"""The demo's camera: writes MJPEG to standard output, as rpicam-vid does. Run by the gate as a command.

It films the rendered pupil that the stage file names: who walks up to the gate, and then, as long as nothing
opens, steps back and forth in front of it. The room behind stands still, as it does before a real camera.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge.vision.frame import Image
from tests.demo.stage import NOBODY, on_stage
from turnstile.simulation.walks import empty_lane, walk_index

FPS = 12


def pictures(folder: Path) -> list[Image]:
    """What the camera sees of one pupil who walks up, in order."""
    read = [cv2.imread(str(file)) for file in sorted(folder.glob("approach/*.jpg"))]
    return [image.astype(np.uint8, copy=False) for image in read if image is not None]


def film(pupils: Path, stage: Path) -> Iterator[Image]:
    """Endless frames of whoever is on the stage."""
    empty, shown, reel, step = empty_lane(), NOBODY, [], 0
    while True:
        pupil = on_stage(stage)
        if pupil != shown:
            shown, step = pupil, 0
            reel = pictures(pupils / pupil) if pupil != NOBODY else []
        yield reel[walk_index(step, len(reel))] if reel else empty
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
