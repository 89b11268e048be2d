"""Keeps the memory of a process that holds templates out of dumps and debuggers."""

import ctypes
import resource

_PR_SET_DUMPABLE = 4


def forbid_memory_dumps() -> None:
    """No core file, no attaching by the same user (prctl(2), PR_SET_DUMPABLE). Linux only."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
