"""Somebody before the kiosk's camera who does what the screen says; as a camera, and as a camera program.

    python -m tests.kiosk.actor SCREEN FOLDER

writes the pictures of FOLDER (a head that turns, with truth.json) to standard output as MJPEG, ten a second,
and follows the instructions that appear in the file SCREEN.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from edge.vision.frame import Frame, Image
from edge.vision.pad.challenge import Prompt
from tests.pad.heads import PERIOD, Obedient
from tests.pad.turned import photographed, turn_of


class Actor:
    """A `Camera` with a clock of its own: every frame is one period later."""

    dropped = 0

    def __init__(self, pictures: Mapping[float, Image], period: float = PERIOD) -> None:
        self.at = 100.0
        self._period = period
        self.told: list[str] = []
        self._pictures = pictures
        self._person = Obedient(farthest=max(pictures))
        self._chance = np.random.default_rng(0)

    def hear(self, text: str) -> None:
        """What the screen says now."""
        self.told.append(text)

    def clock(self) -> float:
        """Seconds."""
        return self.at

    def newest(self, timeout: float) -> Frame | None:
        """The person as they answer."""
        self.at += self._period
        return Frame(self.next_picture(), self.at)

    def next_picture(self) -> Image:
        """One frame later."""
        yaw = self._person.hear(prompt_in(self.told[-1]) if self.told else Prompt.LOOK)
        nearest = min(self._pictures, key=lambda known: abs(known - yaw))
        return photographed(self._pictures[nearest], self._chance)

    def close(self) -> None:
        """Nothing to let go of."""


def prompt_in(text: str) -> Prompt:
    """The prompt that a line begins with; any other line says nothing to the person."""
    longest_first = sorted(Prompt, key=len, reverse=True)
    return next((prompt for prompt in longest_first if text.startswith(prompt)), Prompt.LOOK)


def main(screen: Path, folder: Path) -> None:
    actor = Actor(turn_of(folder))
    while True:
        actor.told = screen.read_text("utf-8").splitlines()[-1:]
        sys.stdout.buffer.write(cv2.imencode(".jpg", actor.next_picture())[1].tobytes())
        sys.stdout.buffer.flush()
        time.sleep(PERIOD)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
