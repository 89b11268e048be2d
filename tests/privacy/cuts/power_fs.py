"""A file system whose power goes: `python -m tests.privacy.cuts.power_fs BACKING MOUNTPOINT`.

What a program writes stays in memory until it calls fsync on that file. A folder made as NAME.CUT.SEED loses
its power at its CUTth change (write, truncate, fsync, create, remove): of each file's unsynced changes
nothing, everything, a beginning, or any selection with torn sectors reaches the disk, and from then on every
call fails. BACKING then holds what a machine would find at its next start.
"""

import errno
import os
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mfusepy import FUSE, FuseOSError, Operations

SECTOR = 512


@dataclass(frozen=True)
class Change:
    """Bytes put at a place or, without bytes, a new length."""

    place: int
    content: bytes | None

    def apply(self, file: bytearray) -> None:
        """Change the content as the disk would."""
        if self.content is None:
            file[:] = file[: self.place].ljust(self.place, b"\0")
            return
        if len(file) < self.place:
            file.extend(bytes(self.place - len(file)))
        file[self.place : self.place + len(self.content)] = self.content


@dataclass
class Machine:
    """One folder: its power goes at the change number `left`."""

    left: int
    luck: random.Random
    off: bool = False
    unsynced: dict[str, list[Change]] = field(default_factory=dict)


class Power(Operations):  # type: ignore[misc] # mfusepy has no types
    """Every folder below the root is a machine of its own."""

    use_ns = True  # mfusepy warns without it

    def __init__(self, backing: Path) -> None:
        self._backing = backing
        self._machines: dict[str, Machine] = {}

    def mkdir(self, path: str, mode: int) -> int:
        os.mkdir(self._at(path), mode)
        _, cut, seed = path[1:].rsplit(".", 2)
        self._machines[path[1:]] = Machine(int(cut), random.Random(int(seed)))  # noqa: S311 - luck, no secret
        return 0

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        try:
            found = os.lstat(self._at(path))
        except OSError as error:
            raise FuseOSError(error.errno) from None
        told = {name: getattr(found, name) for name in dir(found) if name.startswith("st_")}
        machine = self._machines.get(path[1:].split("/", maxsplit=1)[0])
        if machine is not None and machine.unsynced.get(path):
            told["st_size"] = len(self._content(machine, path))
        return told

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *os.listdir(self._at(path))]

    def create(self, path: str, mode: int, fi: object = None) -> int:
        self._changing(path)
        return os.open(self._at(path), os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)

    def open(self, path: str, flags: int) -> int:
        self._machine(path)
        try:
            return os.open(self._at(path), os.O_RDWR)
        except OSError as error:
            raise FuseOSError(error.errno) from None

    def release(self, path: str, fh: int) -> int:
        os.close(fh)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        machine = self._machine(path)
        return bytes(self._content(machine, path)[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._changing(path).unsynced.setdefault(path, []).append(Change(offset, bytes(data)))
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self._changing(path).unsynced.setdefault(path, []).append(Change(length, None))
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._to_disk(path, self._changing(path).unsynced.pop(path, []))
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self._changing(path + "/")
        return 0

    def flush(self, path: str, fh: int) -> int:
        return 0

    def unlink(self, path: str) -> int:
        self._changing(path).unsynced.pop(path, None)
        os.unlink(self._at(path))
        return 0

    def statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(self._backing)
        return {name: getattr(found, name) for name in dir(found) if name.startswith("f_")}

    def _machine(self, path: str) -> Machine:
        machine = self._machines[path[1:].split("/", maxsplit=1)[0]]
        if machine.off:
            raise FuseOSError(errno.EIO)
        return machine

    def _changing(self, path: str) -> Machine:
        machine = self._machine(path)
        machine.left -= 1
        if machine.left <= 0:
            machine.off = True
            for each, changes in machine.unsynced.items():
                self._to_disk(each, list(_reached(changes, machine.luck)))
            raise FuseOSError(errno.EIO)
        return machine

    def _content(self, machine: Machine, path: str) -> bytearray:
        content = bytearray(Path(self._at(path)).read_bytes())
        for change in machine.unsynced.get(path, []):
            change.apply(content)
        return content

    def _to_disk(self, path: str, changes: list[Change]) -> None:
        if changes:
            content = bytearray(Path(self._at(path)).read_bytes())
            for change in changes:
                change.apply(content)
            Path(self._at(path)).write_bytes(content)

    def _at(self, path: str) -> str:
        return f"{self._backing}{path}"


def _reached(changes: list[Change], luck: random.Random) -> list[Change]:
    """What of a file's unsynced changes the disk took before the power was gone."""
    how = luck.randrange(4)
    if how < 2:
        return changes if how else []
    if how == 2:
        return changes[: luck.randrange(len(changes) + 1)]
    return [part for change in changes if luck.random() < 0.5 for part in _torn(change, luck)]


def _torn(change: Change, luck: random.Random) -> list[Change]:
    if change.content is None or luck.random() < 0.5:
        return [change]
    sectors = range(0, len(change.content), SECTOR)
    return [
        Change(change.place + start, change.content[start : start + SECTOR])
        for start in sectors
        if luck.random() < 0.5
    ]


if __name__ == "__main__":
    FUSE(Power(Path(sys.argv[1]).absolute()), sys.argv[2], foreground=True, nothreads=True)
