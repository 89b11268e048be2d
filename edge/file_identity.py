"""Which file a path names: SQLite reads and writes on in one that was removed, renamed or replaced."""

import os
from pathlib import Path
from typing import TypeAlias

Identity: TypeAlias = tuple[int, int]
"""Device and inode: which file it is, whatever it is called."""


def identity(path: Path) -> Identity | None:
    """Of the file that the path names now; None where it names none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
