"""Small files that are there whole or not at all, also after a power cut."""

import os
from pathlib import Path

from edge.errors import ConfigError


def create(path: Path, content: bytes, mode: int) -> None:
    """A new file. Raises ConfigError where there is one already."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise ConfigError(
            f"{path} exists already", "Move it away first; certificates and keys are never overwritten"
        ) from None
    except OSError as error:
        raise _explained(path, error) from error
    with os.fdopen(descriptor, "wb") as file:
        _put(file.fileno(), content)
    _settle(path.parent)


def replace(path: Path, content: bytes, mode: int) -> None:
    """Readers see the old content or the new one. Raises ConfigError."""
    beside = path.with_name(f"{path.name}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            _put(file.fileno(), content)
        os.replace(beside, path)
        _settle(path.parent)
    except OSError as error:
        raise _explained(path, error) from error


def _put(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
    os.fsync(descriptor)


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"cannot write {path}: {error.strerror}", "Check the folder, its rights and space")
