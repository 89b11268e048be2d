"""Two lanes that must never be open at once, such as the two doors of a lock: one file, one holder.

The kernel lets go of the lock when a process dies, so that a crash never keeps the other lane shut.
"""

import fcntl
import os
from pathlib import Path

from edge.errors import ConfigError
from edge.file_lock import taken


class Interlock:
    """Held while this lane is open; every lane of the pair names the same file."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        except OSError as error:
            raise ConfigError(
                f"cannot open the interlock {path}: {error.strerror}", "Check the path"
            ) from None

    def take(self) -> bool:
        """Whether this lane may open now; then the other one may not until `leave`."""
        return taken(self._file)

    def leave(self) -> None:
        """This lane is shut again; harmless where it was not held."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go."""
        os.close(self._file)
