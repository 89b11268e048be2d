"""How the camera does, from the pictures that the gate took from it. Pure; seconds of the monotonic clock."""

from collections import deque

RATE_SECONDS = 2.0
BLIND_SECONDS = 3.0
"""Without a picture for so long the gate asks nobody to look at it."""
_AWAY_SECONDS = 1.0
"""A gate that is open for all or shut to all does not look; what the camera does then is not known."""


class Looks:
    """Counts pictures; belongs to the gate's loop."""

    def __init__(self) -> None:
        self._captured: deque[float] = deque(maxlen=1000)
        self._asked = float("-inf")
        self._blind_since: float | None = None

    def add(self, captured: float | None, now: float) -> None:
        """The camera was asked: when its picture was taken, or None if there was none."""
        if now - self._asked > _AWAY_SECONDS:
            self._blind_since = None
        self._asked = now
        if captured is not None:
            self._captured.append(captured)
            self._blind_since = None
        elif self._blind_since is None:
            self._blind_since = now

    def sees(self, now: float) -> bool:
        """Whether pictures come, as far as is known."""
        return self._blind_since is None or now - self._blind_since < BLIND_SECONDS

    def rate(self, now: float) -> float | None:
        """Pictures a second; None while nobody looks."""
        if not self._looking(now):
            return None
        while self._captured and now - self._captured[0] > RATE_SECONDS:
            self._captured.popleft()
        return len(self._captured) / RATE_SECONDS

    def age(self, now: float) -> float | None:
        """Seconds since the newest picture was taken; None while nobody looks or none came lately."""
        if not self._looking(now) or not self._captured:
            return None
        return max(0.0, now - self._captured[-1])

    def _looking(self, now: float) -> bool:
        return now - self._asked <= _AWAY_SECONDS
