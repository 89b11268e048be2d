"""How often one address may ask."""

import time
from collections import Counter
from collections.abc import Callable
from threading import Lock


class RateLimit:
    """At most `most` within each window of `seconds`, for each address; forgets all when a window ends."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._ends = clock() + seconds
        self._seen: Counter[str] = Counter()
        self._lock = Lock()

    def allows(self, address: str) -> bool:
        """Count one more."""
        with self._lock:
            now = self._clock()
            if now >= self._ends:
                self._seen.clear()
                self._ends = now + self._seconds
            self._seen[address] += 1
            return self._seen[address] <= self._most
