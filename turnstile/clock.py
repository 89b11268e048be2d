"""The time as the gate has it, given to every part that asks for it: a replay runs on a clock of its own."""

import time
from datetime import UTC, datetime
from typing import Protocol

from edge import device_clock
from edge.domain.events import Uptime


class Clock(Protocol):
    """Seconds to measure by, the time of day, and waiting."""

    def monotonic(self) -> float:
        """Seconds that only grow, counted from any moment; cameras and readers stamp with the same."""

    def now(self) -> datetime:
        """The time of day, in UTC."""

    def uptime(self) -> Uptime:
        """Since this device was started, by the clock that nobody sets."""

    def sleep(self, seconds: float) -> None:
        """Come back so much later."""


class SystemClock:
    """The clock of this machine."""

    def monotonic(self) -> float:
        """As `Clock.monotonic`."""
        return time.monotonic()

    def now(self) -> datetime:
        """As `Clock.now`; a Pi has no battery clock, see `edge.device_clock`."""
        return datetime.now(UTC)

    def uptime(self) -> Uptime:
        """As `Clock.uptime`."""
        return device_clock.uptime()

    def sleep(self, seconds: float) -> None:
        """As `Clock.sleep`."""
        time.sleep(seconds)


SYSTEM = SystemClock()
