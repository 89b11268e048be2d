"""Many machines on one lossy disk, each of which loses its power at a change known beforehand.

`python -m tests.privacy.cuts.power_fs MOUNTPOINT KEPT`. A folder is a machine once it is renamed to
NAME.CUT.SEED: its power goes at the CUTth change from then on (write, truncate, fsync, make, remove). What
survives is in KEPT/NAME.CUT.SEED; every later call there fails. SEED also says whether the disk tears.
"""

import errno
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random

import mfusepy

from tests.faults.lossy_disk import Disk


@dataclass
class Machine:
    """Its power goes when `left` is used up."""

    left: int
    chance: Random | None
    off: bool = False


class Machines(Disk):
    """The lossy disk with a count for each folder."""

    def __init__(self, kept: Path) -> None:
        super().__init__(kept, torn=False, chance=Random(0))  # noqa: S311 # each machine has its own
        self._machines: dict[str, Machine] = {}

    def rename(self, old: str, new: str) -> int:
        """Switch a machine on. Within one, FUSE renames a file that is removed while it is open."""
        if "/" in new[1:]:
            self._count(old)
            return super().rename(old, new)
        super().rename(old, new)
        _, cut, seed = new[1:].rsplit(".", 2)
        self._durable_names = dict(self._names)
        chance = Random(int(seed)) if int(seed) % 2 else None  # noqa: S311 # the same damage in every run
        self._machines[new] = Machine(int(cut), chance)
        return 0

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        self._require_power(path)
        return super().getattr(path, fh)

    def create(self, path: str, mode: int, fi: object = None) -> int:
        self._count(path)
        return super().create(path, mode, fi)

    def open(self, path: str, flags: int) -> int:
        self._require_power(path)
        return super().open(path, flags)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        self._require_power(path)
        return super().read(path, size, offset, fh)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._count(path)
        return super().write(path, data, offset, fh)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        self._count(path)
        return super().truncate(path, length, fh)

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        self._count(path)
        return super().fsync(path, datasync, fh)

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        self._count(path)
        return super().fsyncdir(path, datasync, fh)

    def unlink(self, path: str) -> int:
        self._count(path)
        return super().unlink(path)

    def _machine(self, path: str) -> Machine | None:
        return self._machines.get("/" + path[1:].split("/", maxsplit=1)[0])

    def _require_power(self, path: str) -> None:
        machine = self._machine(path)
        if machine is not None and machine.off:
            raise OSError(errno.EIO, path)

    def _count(self, path: str) -> None:
        self._require_power(path)
        machine = self._machine(path)
        if machine is None:
            return
        machine.left -= 1
        if machine.left <= 0:
            machine.off = True
            self._keep("/" + path[1:].split("/", maxsplit=1)[0], machine)
            raise OSError(errno.EIO, path)

    def _keep(self, folder: str, machine: Machine) -> None:
        """Put what survives into KEPT and forget the machine's files."""
        (self._kept / folder[1:]).mkdir()
        for name, file in sorted(self._durable_names.items()):
            if name.startswith(f"{folder}/"):
                (self._kept / name[1:]).write_bytes(file.after_cut(machine.chance))
        for names in (self._names, self._durable_names):
            for name in [each for each in names if each.startswith(f"{folder}/")]:
                del names[name]


if __name__ == "__main__":
    mfusepy.FUSE(Machines(Path(sys.argv[2])), sys.argv[1], foreground=True, nothreads=True)
