"""One picture and the moment it was taken."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""H x W x 3, BGR, 8 bit."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A camera picture; `captured` is seconds of the monotonic clock. It is never written to disk."""

    image: Image = field(repr=False)
    captured: float

    def age(self, now: float) -> float:
        """Seconds since the picture was taken."""
        return now - self.captured
