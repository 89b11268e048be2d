"""The wire of a simulated serial device: a pseudo-terminal that can be pulled out and plugged in again.

After a replug it has another name, as a real port may; `link` stays, as /dev/serial/by-id does.
"""

import contextlib
import os
import tty
from pathlib import Path


class PseudoTerminal:
    """The device's end; it never blocks. Callers see to it that one thread uses it at a time.

    Both ends stay open here: with the far end closed the device would see hang-ups between two users.
    """

    def __init__(self, link: Path | None = None) -> None:
        self._link = link
        self._ends: tuple[int, int] | None = None
        self.port = Path()
        self.replug()

    @property
    def plugged(self) -> bool:
        """Whether the wire is there."""
        return self._ends is not None

    def unplug(self) -> None:
        """Pull the wire out: whoever has the port open is hung up."""
        ends, self._ends = self._ends, None
        for end in ends or ():
            os.close(end)
        if self._link:
            self._link.unlink(missing_ok=True)

    def replug(self) -> None:
        """Put it back, if it was out."""
        if self._ends is not None:
            return
        near, far = os.openpty()
        tty.setraw(far)
        os.set_blocking(near, False)
        self._ends = near, far
        self.port = Path(os.ttyname(far))
        if self._link:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self.port)

    def read(self, most: int) -> bytes:
        """What the other side sent, or nothing."""
        if self._ends is None:
            return b""
        try:
            return os.read(self._ends[0], most)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        """Send; what nobody reads is lost when the terminal is full, as on a wire."""
        if self._ends is not None:
            with contextlib.suppress(BlockingIOError):
                os.write(self._ends[0], data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""
