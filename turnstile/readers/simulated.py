"""A card reader without hardware: a test or a scenario holds the cards to it."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from edge.domain.ids import Slug
from edge.errors import ReaderError
from turnstile.readers.ports import CardRead
from turnstile.readers.running import KEPT_READS


class SimulatedReader:
    """A `Reader`; `clock` gives seconds of the monotonic clock. Cards may be presented in any thread."""

    def __init__(self, name: Slug, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._reads: deque[CardRead] = deque(maxlen=KEPT_READS)
        self._dropped = 0
        self._misread = 0
        self._problem: ReaderError | None = None
        self._shown: list[bool] = []

    @property
    def name(self) -> Slug:
        """As `Reader.name`."""
        return self._name

    @property
    def problem(self) -> ReaderError | None:
        """As `Reader.problem`."""
        return self._problem

    @property
    def healthy(self) -> bool:
        """As `Reader.healthy`."""
        return self._problem is None

    @property
    def dropped(self) -> int:
        """As `Reader.dropped`."""
        return self._dropped

    @property
    def misread(self) -> int:
        """As `Reader.misread`."""
        return self._misread

    @property
    def shown(self) -> tuple[bool, ...]:
        """What was shown to the people so far."""
        return tuple(self._shown)

    def poll(self) -> Sequence[CardRead]:
        """As `Reader.poll`."""
        with self._lock:
            reads = tuple(self._reads)
            self._reads.clear()
        return reads

    def feedback(self, accepted: bool) -> None:
        """As `Reader.feedback`."""
        if self.healthy:
            self._shown.append(accepted)

    def close(self) -> None:
        """As `Reader.close`."""
        self._problem = ReaderError("the card reader is no longer read", "Open it again")

    def present(self, number: bytes) -> None:
        """Hold a card to the reader; without power nothing happens."""
        if not self.healthy:
            return
        number = number.lstrip(b"\0")
        with self._lock:
            if not number:
                self._misread += 1
                return
            self._dropped += len(self._reads) == KEPT_READS
            self._reads.append(CardRead(number, self._name, self._clock()))

    def unplug(self) -> None:
        """Take the reader away."""
        self._problem = ReaderError("the simulated card reader is unplugged", "Plug it in again")

    def replug(self) -> None:
        """Put it back."""
        self._problem = None
