"""How full the disk under a file is: the only bound of an outbox."""

import os
from pathlib import Path

from edge.errors import OutboxError


def used_share(path: Path) -> float:
    """0 to 1, as `df` counts: of what an ordinary user could ever have. Raises OutboxError."""
    try:
        disk = os.statvfs(path.parent)
    except OSError as error:
        raise OutboxError(f"cannot look at the disk of {path}", "Check that its folder exists") from error
    used = disk.f_blocks - disk.f_bfree
    return used / max(used + disk.f_bavail, 1)
