"""What a check is: it follows one person over frames and says what speaks against a live face."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.pad.verdict import Finding

# The least live probability of the networks: live must be the likelier answer. Set by what the figure means,
# not tuned on anything; docs/pad.md has the error rates that were measured with it.
THRESHOLD = 0.5


class CheckName(StrEnum):
    """The checks, as configuration and reports spell them."""

    MINIFASNET = "minifasnet"
    SURROUNDINGS = "surroundings"


DEPTH = "planarity"
"""The check that a gate may add; it is not among those that a demonstration may leave out."""


@dataclass(frozen=True, slots=True)
class Look:
    """One frame with the face of the person who is followed; `captured` is seconds, monotonic."""

    image: Image = field(repr=False)
    face: Face
    captured: float


class Observation(Protocol):
    """One check on one person. Each frame is handed in once, so that no work is done twice."""

    def add(self, look: Look) -> None:
        """Take the next frame into account."""

    def finding(self) -> Finding:
        """What the frames so far say."""


class Check(Protocol):
    """One way to tell a person from a picture of one."""

    @property
    def name(self) -> str:
        """As reports spell it."""

    def begin(self) -> Observation:
        """Start on a new person."""
