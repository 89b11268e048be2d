"""A viewer's side of the feed: what the gate shows now, or that no gate answers."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from turnstile.feed.snapshot import LONGEST_LINE, Snapshot, parse

SILENCE_SECONDS = 2.5
"""A gate says something every second: one that did not for so long is dead or hangs."""
AGAIN_SECONDS = 0.5


def listen(path: Path, stop: Callable[[], bool] = lambda: False) -> Iterator[Snapshot | None]:
    """Each snapshot as it comes; None each time that no gate answers, then the next try. Ends with `stop`.

    A line that no gate of this version sends ends the connection: what it says cannot be believed.
    """
    while not stop():
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as feed:
                feed.settimeout(SILENCE_SECONDS)
                feed.connect(str(path))
                yield from _lines(feed)
        except (OSError, ValueError):
            pass
        if stop():
            return
        yield None
        time.sleep(AGAIN_SECONDS)


def _lines(feed: socket.socket) -> Iterator[Snapshot]:
    """Until it ends, is silent (raises OSError) or talks nonsense (raises ValueError)."""
    pending = b""
    while received := feed.recv(LONGEST_LINE):
        *lines, pending = (pending + received).split(b"\n")
        for line in lines:
            yield parse(line)
        if len(pending) > LONGEST_LINE:
            raise ValueError("a line without an end")
