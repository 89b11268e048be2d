"""The key that a gate and its OSDP reader share (SCBK): 16 bytes, as hex digits in a file of its owner."""

import os
import secrets
import stat
from pathlib import Path

from edge.errors import ConfigError

KEY_BYTES = 16
DEFAULT_KEY = bytes(range(0x30, 0x40))
"""SCBK-D of IEC 60839-11-5: every reader leaves the factory with it, so everybody knows it."""


def new_key(path: Path) -> None:
    """Make a random key in a new file that only its owner can read. Raises ConfigError if one is there."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(
            f"{path} is there already", "Name another file: readers that have its key need it"
        ) from None
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}", "Check the folder") from None
    with os.fdopen(file, "w") as out:
        out.write(secrets.token_bytes(KEY_BYTES).hex() + "\n")
        out.flush()
        os.fsync(out.fileno())


def read_key(path: Path) -> bytes:
    """The key in a file. Raises ConfigError: missing, malformed, readable by others, or known to all."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(256)
    except OSError as error:
        remedy = "Make one with: qaqpa-gate reader new-key FILE"
        raise ConfigError(f"cannot read the reader's key {path}: {error.strerror}", remedy) from None
    if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"others can read the reader's key {path}", f"Run: chmod 600 {path}")
    return _parsed(path, text)


def _parsed(path: Path, text: bytes) -> bytes:
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        remedy = "Make one with: qaqpa-gate reader new-key FILE"
        raise ConfigError(f"{path} does not hold a key of {2 * KEY_BYTES} hex digits", remedy)
    if key == DEFAULT_KEY or len(set(key)) == 1:
        raise ConfigError(
            f"the key in {path} is one that everybody knows", "Make one: qaqpa-gate reader new-key FILE"
        )
    return key
