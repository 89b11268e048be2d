"""One process at a time: an exclusive lock on an open file (flock(2)), which ends with the process."""

import fcntl
import os
import time
from pathlib import Path

_POLL_SECONDS = 0.05


def taken(file: int, wait: float = 0.0) -> bool:
    """Whether the lock is held now, until the file is closed; waits so many seconds for whoever has it."""
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True


def holder(file: int) -> str:
    """Who holds the lock, for people to read, as far as this process may see (proc_locks(5))."""
    inode = str(os.fstat(file).st_ino)
    try:
        locks = Path("/proc/locks").read_text("ascii").splitlines()
    except OSError:  # hidden from a service with ProcSubset=pid
        locks = []
    for line in locks:
        # 1: FLOCK ADVISORY WRITE 1234 fd:01:131090 0 EOF; the line of one who waits begins with 1: ->
        _, kind, _, _, process, place, *_ = line.split()
        if kind == "FLOCK" and place.rpartition(":")[2] == inode:
            return f"process {process}"
    return "another process"
