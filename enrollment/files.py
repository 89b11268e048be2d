"""Files that the kiosk hands out."""

import os
from pathlib import Path

from edge.errors import ConfigError


def write_new(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all. Raises ConfigError if it exists."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(f"{path} exists already", "Name another file; none is overwritten") from None
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror}", "Name a file in a folder of yours"
        ) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink()
        raise ConfigError(f"cannot write {path}: {error.strerror}", "Free space on its disk") from None
