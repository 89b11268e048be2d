"""A clock that a replay moves by hand: a school day passes in a minute, and twice the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from edge.domain.events import Uptime

_BOOT = UUID(int=1)
_FIRST_SECOND = 1000.0
"""What the monotonic clock shows at the beginning; nothing may depend on it."""


class VirtualClock:
    """A `Clock` that stands still until somebody moves it."""

    def __init__(self, begin: datetime) -> None:
        self._begin = begin.astimezone(UTC)
        self._passed = 0.0
        self._held = False

    def monotonic(self) -> float:
        """As `Clock.monotonic`."""
        return _FIRST_SECOND + self._passed

    def now(self) -> datetime:
        """As `Clock.now`."""
        return self._begin + timedelta(seconds=self._passed)

    def uptime(self) -> Uptime:
        """As `Clock.uptime`: the device was started with the clock, and only its gates are cut off."""
        return Uptime(_BOOT, self._passed)

    def sleep(self, seconds: float) -> None:
        """As `Clock.sleep`: the time passes at once."""
        if not self._held:
            self._passed += seconds

    def jump(self, to: datetime) -> None:
        """Go on at a later moment; an earlier one changes nothing."""
        self._passed = max(self._passed, (to - self._begin).total_seconds())

    @contextmanager
    def held(self) -> Iterator[None]:
        """While another thread is waited for, no time passes, however often the loop goes round."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
