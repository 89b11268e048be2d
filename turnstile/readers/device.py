"""One opened reader, as the thread that serves it sees it."""

from collections.abc import Sequence
from typing import Protocol

WAIT_SECONDS = 0.02
"""The longest that `Device.read` waits, and so the longest that feedback waits."""


class Device(Protocol):
    """From opening to loss; after a loss a new one is opened. Used by one thread."""

    @property
    def ready(self) -> bool:
        """Whether a card held to it now would be read."""
        ...

    @property
    def misread(self) -> int:
        """Messages so far that were no card."""
        ...

    def read(self) -> Sequence[bytes]:
        """Card numbers, oldest first; waits a moment for some. Raises ReaderError when it is gone."""
        ...

    def feedback(self, accepted: bool) -> None:
        """Tell the person. Raises ReaderError when it is gone."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
