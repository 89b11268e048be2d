"""The display as it runs: the real server on a free port, and a feed that the test speaks into."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from edge.domain.events import Direction
from turnstile.cue import Cue
from turnstile.display.app import LOOPBACK
from turnstile.display.server import make_server
from turnstile.feed.snapshot import Snapshot
from turnstile.gate_states import State

CHROMIUM_ARGUMENTS = ["--no-sandbox"] if os.geteuid() == 0 else []
START_SECONDS = 10.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def gate_shows(cue: Cue, name: str | None = None) -> Snapshot:
    """A line of a gate."""
    return Snapshot(
        gate="north",
        time=datetime.now(UTC),
        cue=cue,
        name=name,
        state=State.LOCKED,
        direction=Direction.IN,
        counts={},
    )


@contextmanager
def running_display(feed: Path, port: int | None = None) -> Iterator[str]:
    """The address of a display that listens to this feed."""
    port = port or free_port()
    server = make_server(feed, port)
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + START_SECONDS
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < until
        time.sleep(0.01)
    try:
        yield f"http://{LOOPBACK}:{port}/"
    finally:
        server.should_exit = True
        thread.join()
