"""A disk that keeps, when its power is cut, what was synced and no more: a FUSE file system in memory.

A write is on the disk once fsync(2) or fdatasync(2) of its file has returned; a name that was made, changed
or removed is there with the next sync of anything, as on a journalling file system. What was not synced is
lost at the cut, or, on a torn disk, any of its 512-byte sectors may have arrived and others not.

    disk = LossyDisk(folder, torn=True, seed=7)
    with disk:                      # powered: work under disk.path, from any process
        ...
        disk.cut()                  # from now on every call fails with EIO; kill the processes, leave `with`
    with disk: ...                  # powered again: what survived is there

Needs /dev/fuse, fusermount3 (Debian: fuse3) and mfusepy; `why_not()` says what is missing.
"""

import errno
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar

_START_SECONDS = 10.0
_SECTOR = 512
_P = ParamSpec("_P")
_R = TypeVar("_R")


def why_not() -> str | None:
    """Why there can be no such disk on this machine; None where there can."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "no /dev/fuse that this user may open"
    if shutil.which("fusermount3") is None:
        return "no fusermount3 (apt install fuse3)"
    return None if importlib.util.find_spec("mfusepy") else "no mfusepy"


class LossyDisk:
    """Powered inside `with`. `folder` is made; `kept` in it holds what is on the disk while it is off."""

    def __init__(self, folder: Path, *, torn: bool = False, seed: int = 0) -> None:
        self.path = folder / "disk"
        self.kept = folder / "kept"
        self._torn = torn
        self._seed = seed
        for each in (self.path, self.kept):
            each.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "LossyDisk":
        self._seed += 1
        self._server = subprocess.Popen(
            [sys.executable, "-m", __name__, self.path, self.kept, str(int(self._torn)), str(self._seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self.path.is_mount():
            if self._server.poll() is not None or time.monotonic() > deadline:
                self._server.kill()
                raise RuntimeError("the lossy disk does not start")
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away; without a cut before, all is kept. Whoever still has files open there gets EIO."""
        subprocess.run(["fusermount3", "-u", "-z", self.path], check=True)
        try:
            self._server.communicate(timeout=_START_SECONDS)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.communicate()

    def cut(self) -> int:
        """Cut the power now. Returns how many writes were not synced."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write("cut\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())


@dataclass(frozen=True, slots=True)
class _Change:
    """Of a file's content: data from an offset on, or, without data, a new length."""

    offset: int
    data: bytes | None

    def apply(self, content: bytearray) -> None:
        if len(content) < self.offset:
            content.extend(bytes(self.offset - len(content)))
        if self.data is None:
            del content[self.offset :]
        else:
            content[self.offset : self.offset + len(self.data)] = self.data

    def sectors(self) -> list["_Change"]:
        if self.data is None:
            return [self]
        return [
            _Change(self.offset + start, self.data[start : start + _SECTOR])
            for start in range(0, len(self.data), _SECTOR)
        ]


@dataclass
class _File:
    """What a reader sees, what is on the disk, and the changes in between, oldest first."""

    mode: int
    seen: bytearray = field(default_factory=bytearray)
    durable: bytes = b""
    unsynced: list[_Change] = field(default_factory=list)

    def change(self, change: _Change) -> None:
        change.apply(self.seen)
        self.unsynced.append(change)

    def sync(self) -> None:
        self.durable, self.unsynced = bytes(self.seen), []

    def after_cut(self, chance: Random | None) -> bytes:
        """With `chance`, any of the unsynced sectors may have arrived."""
        left = bytearray(self.durable)
        if chance is not None:
            for change in self.unsynced:
                for sector in change.sectors():
                    if chance.random() < 0.5:
                        sector.apply(left)
        return bytes(left)


def _powered(
    operation: Callable[Concatenate["Disk", _P], _R],
) -> Callable[Concatenate["Disk", _P], _R]:
    """One call at a time, and none after the cut."""

    def call(self: "Disk", /, *arguments: _P.args, **named: _P.kwargs) -> _R:
        with self.turn:
            if self.is_cut:
                raise OSError(errno.EIO, operation.__name__)
            return operation(self, *arguments, **named)

    return call


class Disk:
    """The file system: names, and files behind them. Its methods are those of `mfusepy.Operations`."""

    use_ns = True

    def __init__(self, kept: Path, torn: bool, chance: Random) -> None:
        self.turn = threading.RLock()
        self.is_cut = False
        self._kept = kept
        self._chance = chance if torn else None
        self._opened: dict[int, _File] = {}
        self._next = 0
        self._names: dict[str, _File] = {"/": _File(stat.S_IFDIR | 0o755)}
        for path in sorted(kept.rglob("*")):
            self._names[f"/{path.relative_to(kept)}"] = _load(path)
        self._durable_names = dict(self._names)

    def cut(self) -> int:
        """Keep what a cut would, and answer nothing any more. Returns how many changes were not synced."""
        with self.turn:
            self.is_cut = True
            names = self._durable_names
            self._save(names, {name: names[name].after_cut(self._chance) for name in sorted(names)})
            return sum(len(file.unsynced) for file in self._names.values())

    def switch_off(self) -> None:
        """Keep everything, unless the power is gone already."""
        with self.turn:
            if not self.is_cut:
                self._save(self._names, {name: bytes(file.seen) for name, file in self._names.items()})

    def _save(self, names: dict[str, _File], contents: dict[str, bytes]) -> None:
        shutil.rmtree(self._kept)
        for name in sorted(contents):
            path, mode = self._kept / name[1:], names[name].mode
            if stat.S_ISDIR(mode):
                path.mkdir()
            else:
                path.write_bytes(contents[name])
            path.chmod(stat.S_IMODE(mode))

    @_powered
    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        file = self._file(path, fh)
        owner = {"st_uid": os.getuid(), "st_gid": os.getgid()}
        return {"st_mode": file.mode, "st_nlink": 1, "st_size": len(file.seen), **owner}

    @_powered
    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *self._inside(path)]

    @_powered
    def mkdir(self, path: str, mode: int) -> int:
        self._names[path] = _File(stat.S_IFDIR | mode)
        return 0

    @_powered
    def rmdir(self, path: str) -> int:
        if self._inside(path):
            raise OSError(errno.ENOTEMPTY, path)
        del self._names[path]
        return 0

    @_powered
    def create(self, path: str, mode: int, fi: object = None) -> int:
        self._names[path] = _File(stat.S_IFREG | stat.S_IMODE(mode))
        return self._open(path)

    @_powered
    def open(self, path: str, flags: int) -> int:
        return self._open(path)

    @_powered
    def release(self, path: str, fh: int) -> int:
        del self._opened[fh]
        return 0

    @_powered
    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return bytes(self._file(path, fh).seen[offset : offset + size])

    @_powered
    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._file(path, fh).change(_Change(offset, bytes(data)))
        return len(data)

    @_powered
    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self._file(path, fh).change(_Change(length, None))
        return 0

    @_powered
    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._file(path, fh).sync()
        self._durable_names = dict(self._names)
        return 0

    @_powered
    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self._durable_names = dict(self._names)
        return 0

    @_powered
    def unlink(self, path: str) -> int:
        del self._names[path]
        return 0

    @_powered
    def rename(self, old: str, new: str) -> int:
        for name in [each for each in self._names if each == old or each.startswith(f"{old}/")]:
            self._names[new + name[len(old) :]] = self._names.pop(name)
        return 0

    @_powered
    def chmod(self, path: str, mode: int) -> int:
        file = self._file(path)
        file.mode = stat.S_IFMT(file.mode) | stat.S_IMODE(mode)
        return 0

    @_powered
    def statfs(self, path: str) -> dict[str, int]:
        return {"f_bsize": 4096, "f_frsize": 4096, "f_blocks": 2**18, "f_bfree": 2**17, "f_bavail": 2**17}

    @_powered
    def flush(self, path: str, fh: int) -> int:
        return 0

    @_powered
    def chown(self, path: str, uid: int, gid: int) -> int:
        return 0

    @_powered
    def utimens(self, path: str, times: tuple[int, int] | None = None) -> int:
        return 0

    def _inside(self, path: str) -> list[str]:
        inside = path.rstrip("/") + "/"
        names = [name[len(inside) :] for name in self._names if name != "/" and name.startswith(inside)]
        return [name for name in names if "/" not in name]

    def _open(self, path: str) -> int:
        self._next += 1
        self._opened[self._next] = self._file(path)
        return self._next

    def _file(self, path: str, fh: int | None = None) -> _File:
        file = None if fh is None else self._opened.get(fh)
        file = file or self._names.get(path)
        if file is None:
            raise OSError(errno.ENOENT, path)
        return file


def _load(path: Path) -> _File:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        return _File(mode)
    content = path.read_bytes()
    return _File(mode, bytearray(content), content)


def _serve(mount: str, kept: str, torn: str, seed: str) -> None:
    import mfusepy  # noqa: PLC0415 # only where there is a FUSE library to load

    disk = Disk(Path(kept), torn == "1", Random(int(seed)))  # noqa: S311 # the same damage in every run

    def obey() -> None:
        for _ in sys.stdin:
            print(disk.cut(), flush=True)

    threading.Thread(target=obey, daemon=True).start()
    mfusepy.FUSE(disk, mount, foreground=True, nothreads=True, fsname="lossy")
    disk.switch_off()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
