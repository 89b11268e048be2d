"""What this device knows of time: whether the time of day was set, and the one clock that nobody sets."""

import ctypes
import time
from functools import cache
from pathlib import Path
from uuid import UUID

from edge.domain.events import Uptime

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIMEX_BYTES = 512
_TIME_ERROR = 5


def synchronised() -> bool:
    """Ask the kernel (adjtimex(2)): false until a time service has set the clock."""
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return bool(0 <= state < _TIME_ERROR)


def uptime() -> Uptime:
    """Seconds since this boot, sleep included (CLOCK_BOOTTIME): no time service ever sets them."""
    return Uptime(_boot(), round(time.clock_gettime(time.CLOCK_BOOTTIME), 6))


@cache
def _boot() -> UUID:
    """The kernel's random id of this boot, random(4)."""
    return UUID(_BOOT_ID.read_text("ascii").strip())
