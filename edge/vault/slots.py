"""The slot: 32 random bytes in a small file beside the vault. A copy of the vault without it opens nothing.

Every destruction puts a new one in its place, so that no earlier copy opens any more (docs/erasure.md). While
that is under way the file holds both; the vault's own key check says which counts. Whoever calls `add` or
`keep` holds the vault's write lock.
"""

import os
from pathlib import Path
from secrets import token_bytes

from edge.errors import VaultError
from edge.vault.seal import KEY_BYTES

PAGE = 4096
"""Each slot has a page of its own, so that a torn write of one cannot harm the other."""
_PLACES = (0, PAGE)
_NONE = bytes(KEY_BYTES)


class Slots:
    """The slot file of one vault."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def beside(cls, vault: Path) -> "Slots":
        """The file that belongs to this vault."""
        return cls(vault.with_name(vault.name + ".slot"))

    def create(self) -> None:
        """Make the file, without a slot, readable by its owner only. Raises VaultError if there is one."""
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise VaultError(
                f"{self.path} belongs to a vault that is not there any more",
                "Bring that vault back; or, if it is gone for good, remove this file too",
            ) from None
        except OSError as error:
            raise _unusable(self.path, error) from None
        try:
            _write(file, bytes(2 * PAGE), 0)
        finally:
            os.close(file)
        _sync_folder(self.path.parent)

    def held(self) -> list[bytes]:
        """One slot; two while a destruction is under way; none where the file is missing."""
        try:
            file = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unusable(self.path, error) from None
        try:
            return [slot for slot in _slots(file) if slot != _NONE]
        finally:
            os.close(file)

    def add(self, counting: bytes | None) -> bytes:
        """A new slot, durable, in the place that does not count."""
        fresh = token_bytes(KEY_BYTES)
        self._put(fresh, counting, most=1)
        return fresh

    def keep(self, counting: bytes) -> None:
        """Overwrite whatever does not count, durably."""
        self._put(_NONE, counting, most=2)

    def _put(self, content: bytes, counting: bytes | None, most: int) -> None:
        try:
            file = os.open(self.path, os.O_RDWR)
            try:
                free = [place for place, slot in zip(_PLACES, _slots(file), strict=True) if slot != counting]
                for place in free[:most]:
                    _write(file, content, place)
            finally:
                os.close(file)
        except OSError as error:
            raise _unusable(self.path, error) from None


def _slots(file: int) -> list[bytes]:
    return [os.pread(file, KEY_BYTES, place).ljust(KEY_BYTES, b"\0") for place in _PLACES]


def _write(file: int, content: bytes, place: int) -> None:
    if os.pwrite(file, content, place) != len(content):
        raise OSError("short write")
    os.fsync(file)


def _sync_folder(folder: Path) -> None:
    """A new file's name is durable only when its folder is."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _unusable(path: Path, error: OSError) -> VaultError:
    return VaultError(
        f"the vault's slot {path} cannot be used: {error.strerror or error}",
        "Check the file, its rights and the disk; nothing was half-done",
    )
