"""Whether the wall clock can be believed: a Pi has no battery clock."""

import ctypes

_TIMEX_BYTES = 512
_TIME_ERROR = 5


def clock_synchronised() -> bool:
    """Ask the kernel (adjtimex(2)): false until a time service has set the clock."""
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    return bool(0 <= state < _TIME_ERROR)
