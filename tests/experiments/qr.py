"""Which reader of QR codes for the gate's camera, and how small may a code be? `--help` says how to run it.

Passes are drawn into a frame of a rendered pupil's walk, each with another turn and place: how many of them
each reader reads, and the processor time it takes.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from statistics import median

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from edge.vision.frame import Image
from edge.vision.qr import read_codes
from tests.gate.parts import picture
from tests.unit.credentials.made import text
from tests.unit.credentials.shown import Showing, printed, shown

Reader = Callable[[Image], list[str]]
_PAPER = Showing(module=3)
_PHONE = replace(_PAPER, phone=True)
WAYS: Mapping[str, Showing] = {
    **{f"paper, {pixels} pixels a module": Showing(module=pixels) for pixels in (1.5, 1.75, 2, 2.5, 3, 4, 6)},
    "tilted, far edge 30 % shorter": replace(_PAPER, tilt=0.3),
    "blurred, sigma 1.2 pixels": replace(_PAPER, blur=1.2),
    "a tenth of the light": replace(_PAPER, light=0.1),
    "1.8 times the light": replace(_PAPER, light=1.8),
    "phone in the dark": replace(_PHONE, light=0.1),
    "phone, 30 % under a reflection": replace(_PHONE, glare=0.3),
    "phone, all of it a little": replace(_PHONE, glare=0.25, tilt=0.15, blur=1.0, light=0.3),
}


def opencv(detector: cv2.QRCodeDetector | cv2.QRCodeDetectorAruco) -> Reader:
    """One of OpenCV's two readers."""

    def read(image: Image) -> list[str]:
        try:
            found, texts, *_ = detector.detectAndDecodeMulti(image)
        except cv2.error:  # it raises on some pictures of nothing wrong (an assertion in kmeans)
            return []
        return list(texts) if found else []

    return read


READERS: Mapping[str, Reader] = {
    "zxing-cpp": read_codes,
    "OpenCV": opencv(cv2.QRCodeDetector()),
    "OpenCV, ArUco": opencv(cv2.QRCodeDetectorAruco()),
}


def main() -> None:
    """Print both tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--passes", type=int, default=20, help="how many are drawn for each way of showing")
    passes = options.parse_args().passes
    cv2.setNumThreads(1)
    lane = picture("p01", "approach/05")
    table = Table("shown", *READERS, title=f"read of {passes} passes")
    for name, how in WAYS.items():
        table.add_row(name, *map(str, read_of(how, passes, lane)))
    Console().print(table)
    times = Table("picture", *READERS, title="processor time, ms, median")
    seen = shown(printed(text()), _PAPER, lane, 0)
    wide = cv2.resize(lane, (1280, 720)).astype(np.uint8)
    for name, image in (("640 x 480", lane), ("640 x 480 with a pass", seen), ("1280 x 720", wide)):
        times.add_row(name, *(f"{milliseconds(reader, image):.1f}" for reader in READERS.values()))
    Console().print(times)


def read_of(how: Showing, passes: int, lane: Image) -> list[int]:
    """How many of these passes each reader reads; every one is turned by another angle."""
    turns = np.random.default_rng(0).uniform(0, 360, passes)
    read = [0] * len(READERS)
    for number in range(passes):
        said = text(number + 1)
        seen = shown(printed(said), replace(how, turn=float(turns[number])), lane, number)
        for place, reader in enumerate(READERS.values()):
            read[place] += said in reader(seen)
    return read


def milliseconds(reader: Reader, image: Image, rounds: int = 50) -> float:
    """Median processor time of one reading."""
    taken = []
    for _ in range(rounds):
        begun = time.thread_time()
        reader(image)
        taken.append(time.thread_time() - begun)
    return median(taken) * 1000


if __name__ == "__main__":
    main()
