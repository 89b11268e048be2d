"""A Unix socket that only the user of this process and root can open."""

import os
import socket
from pathlib import Path

from edge.errors import ConfigError


def listen_at(path: Path, key: str) -> socket.socket:
    """Listen there, instead of an earlier process. Raises ConfigError that names the `key` of the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o177)
    try:
        listening.bind(str(path))
    except OSError as error:
        listening.close()
        raise ConfigError(f"cannot listen at {path}: {error}", f"Choose another {key} path") from error
    finally:
        os.umask(old)
    listening.listen(8)
    return listening
