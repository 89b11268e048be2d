"""The display as it runs: the real server on a free port, and a feed that the test speaks into."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from edge.domain.events import Direction
from turnstile.cue import Cue
from turnstile.display.app import LOOPBACK
from turnstile.display.server import listen_on, make_server
from turnstile.feed.snapshot import Snapshot
from turnstile.gate_states import State

CHROMIUM_ARGUMENTS = ["--no-sandbox"] if os.geteuid() == 0 else []


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


def browser_or_skip() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


def sees(page: Page, cue: Cue, within_ms: int = 10_000) -> None:
    """Wait until the page shows this cue."""
    expect(page.locator("main")).to_have_attribute("data-cue", cue.value, timeout=within_ms)


@contextmanager
def running_display(feed: Path, port: int = 0) -> Iterator[str]:
    """The address of a display that listens to this feed."""
    server, listening = make_server(feed), listen_on(port)
    address = f"http://{LOOPBACK}:{listening.getsockname()[1]}/"
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()
