"""Walks for rehearsals: a folder PERSON/approach/*.jpg, with PERSON/enrol_*.jpg to enrol from."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from edge.errors import ConfigError
from edge.vision.cameras.pictures import decode
from edge.vision.frame import Image

FRAME_SECONDS = 0.1
"""Time between two pictures of a walk."""
NEAR_FRAMES = 5
"""The last pictures of a walk, in which a person stands near enough to be recognised."""
SHIPPED = Path(__file__).resolve().parents[2] / "tests" / "pupils"
"""The rendered pupils of a checkout."""


@dataclass(frozen=True, slots=True)
class Walker:
    """One person of the folder: encoded pictures of the walk, and the files to enrol from."""

    name: str
    walk: tuple[bytes, ...] = field(repr=False)
    enrolment: tuple[Path, ...]

    def picture(self, seconds: float) -> Image:
        """What a camera sees so long after the person came into view. Raises ConfigError."""
        image = decode(self.walk[walk_index(int(seconds / FRAME_SECONDS), len(self.walk))])
        if image is None:
            raise ConfigError(f"a picture of {self.name}'s walk is damaged", "Replace the file")
        return image


def empty_lane(width: int = 640, height: int = 480) -> Image:
    """A school lobby with nobody in it: soft light on a wall."""
    columns = np.linspace(150, 205, width)[None, :, None]
    rows = np.linspace(1.0, 0.75, height)[:, None, None]
    picture: Image = (columns * rows * np.array([0.92, 0.97, 1.0])).astype(np.uint8)
    return picture


def walk_index(step: int, length: int) -> int:
    """Which picture of a walk: all of them once, then the near end back and forth until somebody acts."""
    if step < length:
        return step
    near = list(range(max(0, length - NEAR_FRAMES), length))
    back_and_forth = [*near[-2::-1], *near[1:]] or near
    return back_and_forth[(step - length) % len(back_and_forth)]


def read_walkers(folder: Path) -> tuple[Walker, ...]:
    """Everyone in the folder who has a walk and enrolment pictures. Raises ConfigError if nobody has."""
    if not folder.is_dir():
        raise ConfigError(
            f"there is no folder {folder}", "Name one with --walks: PERSON/approach/*.jpg, PERSON/enrol_*.jpg"
        )
    walkers = []
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        walk = tuple(path.read_bytes() for path in sorted(person.glob("approach/*.jpg")))
        enrolment = tuple(sorted(person.glob("enrol_*.jpg")))
        if walk and enrolment:
            walkers.append(Walker(person.name, walk, enrolment))
    if not walkers:
        raise ConfigError(
            f"nobody in {folder} has both PERSON/approach/*.jpg and PERSON/enrol_*.jpg", "Check the folder"
        )
    return tuple(walkers)
