"""A Unix socket that only the user of this process and root can open."""

import os
import socket
from pathlib import Path

from edge.errors import ConfigError


def listen_at(path: Path, key: str) -> socket.socket:
    """Listen there, instead of a process that ended. Raises ConfigError that names the `key` of the path."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if _answers(path):
            raise FileExistsError("another process listens there")
        path.unlink(missing_ok=True)
        _bind(listening, path)
        listening.listen(8)
    except OSError as error:
        listening.close()
        raise ConfigError(f"cannot listen at {path}: {error}", f"Choose another {key} path") from error
    return listening


def _bind(listening: socket.socket, path: Path) -> None:
    old = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(old)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        return asking.connect_ex(str(path)) == 0
