"""What the screen shows now, handed from the thread that hears the gate to whoever looks at the page."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from turnstile.cue import Cue
from turnstile.display.words import Language, words
from turnstile.feed.listen import SILENCE_SECONDS, listen
from turnstile.feed.snapshot import Snapshot
from turnstile.showing import Shown
from turnstile.signals.patterns import PATTERNS

LOST = Shown(Cue.OUT_OF_SERVICE)
"""Until a gate says otherwise, and as soon as none does."""
RESTING_TONE = "rest"


class Screen:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self.shown = LOST
        self._news = asyncio.Event()

    def show(self, snapshot: Snapshot | None) -> None:
        """What the gate shows, or that none answers."""
        self.shown = LOST if snapshot is None else Shown(snapshot.cue, snapshot.name)
        self._news.set()
        self._news = asyncio.Event()

    async def each(self) -> AsyncIterator[Shown]:
        """What is shown now, and again with every word of the gate; who is slow misses what is over."""
        while True:
            news = self._news
            yield self.shown
            await news.wait()

    @contextmanager
    def listening(self, feed: Path) -> Iterator[None]:
        """Hear the gate from a thread of its own."""
        loop, stop = asyncio.get_running_loop(), threading.Event()

        def hear() -> None:
            for snapshot in listen(feed, stop.is_set):
                if stop.is_set():
                    return
                loop.call_soon_threadsafe(self.show, snapshot)

        thread = threading.Thread(target=hear, name="feed", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(SILENCE_SECONDS + 1)


def as_json(shown: Shown, languages: Sequence[Language]) -> str:
    """For the page: the cue, its tone (a lamp's colour, or rest), the name, and the words to write."""
    lamp = PATTERNS[shown.cue].lamp
    said = [{"lang": language.value, **words(language)[shown.cue].model_dump()} for language in languages]
    tone = RESTING_TONE if lamp is None else lamp.value
    return json.dumps(
        {"cue": shown.cue.value, "tone": tone, "name": shown.name or "", "words": said}, ensure_ascii=False
    )
