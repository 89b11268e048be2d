"""The pictures of docs/display.md: `python -m tests.display.shots` makes docs/images/display anew.

With a folder it writes every cue there, to look at after a change. The real page, server and feed; only the
gate is a script that shows each cue.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.display.parts import browser_or_skip, gate_shows, running_display
from turnstile.cue import Cue
from turnstile.feed.server import FeedServer

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images" / "display"
SIZES = {"800x480": (800, 480), "480x800": (480, 800)}
COLOURS = 24
NAMED = {Cue.WELCOME: "Айша"}
IN_THE_DOCS = (Cue.READY, Cue.COME_CLOSER, Cue.WELCOME, Cue.USE_CARD, Cue.EMERGENCY, Cue.OUT_OF_SERVICE)


def main(folder: Path = FOLDER, cues: Sequence[Cue] = IN_THE_DOCS) -> None:
    """One picture for each cue and size."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as name,
        running_display(Path(name) / "feed") as address,
        contextmanager(browser_or_skip)() as browser,
    ):
        feed = FeedServer(Path(name) / "feed")
        for size, (width, height) in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(address)
            for cue in cues:
                _shoot(page, feed, cue, folder / f"{cue.value}-{size}.png")
        feed.close()


def _shoot(page: Page, feed: FeedServer, cue: Cue, file: Path) -> None:
    until = time.monotonic() + 10
    while page.locator(f"main[data-cue={cue.value}]").count() == 0:
        feed.publish(gate_shows(cue, NAMED.get(cue)))
        page.wait_for_timeout(100)
        assert time.monotonic() < until, cue
    page.screenshot(path=file)
    with Image.open(file) as shot:
        shot.convert("RGB").quantize(COLOURS).save(file, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), tuple(Cue))
    else:
        main()
