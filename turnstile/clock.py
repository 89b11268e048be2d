"""The time as the gate has it, given to every part that asks for it: a replay runs on a clock of its own."""

import ctypes
import time
from datetime import UTC, datetime
from typing import Protocol

_TIMEX_BYTES = 512
_TIME_ERROR = 5


class Clock(Protocol):
    """Seconds to measure by, the time of day, and waiting."""

    def monotonic(self) -> float:
        """Seconds that only grow, counted from any moment; cameras and readers stamp with the same."""

    def now(self) -> datetime:
        """The time of day, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Come back so much later."""


class SystemClock:
    """The clock of this machine."""

    def monotonic(self) -> float:
        """As `Clock.monotonic`."""
        return time.monotonic()

    def now(self) -> datetime:
        """As `Clock.now`; a Pi has no battery clock, see `clock_synchronised`."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """As `Clock.sleep`."""
        time.sleep(seconds)


SYSTEM = SystemClock()


def clock_synchronised() -> bool:
    """Ask the kernel (adjtimex(2)): false until a time service has set the clock."""
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return bool(0 <= state < _TIME_ERROR)
