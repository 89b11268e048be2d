"""Where in the picture a person stands who means this gate; nobody outside it is looked at."""

from collections.abc import Iterable
from typing import Self

from pydantic import Field, model_validator

from edge.config import Settings
from edge.vision.face import Face
from edge.vision.frame import Image


class Zone(Settings):
    """A rectangle in shares of the picture, 0 at the left and the top, 1 at the right and the bottom."""

    left: float = Field(default=0, ge=0, le=1)
    top: float = Field(default=0, ge=0, le=1)
    right: float = Field(default=1, ge=0, le=1)
    bottom: float = Field(default=1, ge=0, le=1)

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError("the zone is empty: left must be less than right, and top less than bottom")
        return self

    def within(self, image: Image, faces: Iterable[Face]) -> list[Face]:
        """The faces whose middle lies in the zone of this picture, in the same order."""
        height, width = image.shape[:2]
        return [face for face in faces if self._holds(face, width, height)]

    def _holds(self, face: Face, width: int, height: int) -> bool:
        x, y, wide, high = face.box
        across, down = (x + wide / 2) / width, (y + high / 2) / height
        return self.left <= across <= self.right and self.top <= down <= self.bottom
