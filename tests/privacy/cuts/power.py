"""Power cuts at random changes: `python -m tests.privacy.cuts.power FOLDER CUTS SEED`.

Needs what `tests.faults.lossy_disk.why_not` asks for.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.privacy.cuts.fork import cut_off, judged
from tests.privacy.cuts.school import prepare

NEVER = 10**9


def main(folder: Path, cuts: int, seed: int) -> int:
    """Print the changes that the whole makes, the cuts tried and every broken promise."""
    key, fresh = folder / "key", folder / "fresh"
    fresh.mkdir()
    prepare(fresh, key)
    luck = random.Random(seed)  # noqa: S311 - which cut comes next is no secret
    broken: list[str] = []
    ended = 0
    with _mounted(folder) as mounted:
        total = _changes(mounted, key, fresh)
        for _ in range(cuts):
            name = f"s.{luck.randrange(1, total + 1)}.{luck.randrange(NEVER)}"
            told, whole = cut_off(_school(mounted, fresh, name), key)
            ended += whole
            left = folder / "kept" / name
            broken += [f"{name}: {what}" for what in judged(left, key, fresh, told)]
            shutil.rmtree(left)
    print(f"changes={total} cuts={cuts} came to their end={ended} broken={len(broken)} seed={seed}")
    print("\n".join(broken))
    return bool(broken or ended)


def _changes(mounted: Path, key: Path, fresh: Path) -> int:
    """How many changes the whole makes: the last cut that still interrupts it."""
    low, high = 1, 2000
    while high - low > 1:
        middle = (low + high) // 2
        _, whole = cut_off(_school(mounted, fresh, f"t{middle}.{middle}.0"), key)
        low, high = (low, middle) if whole else (middle, high)
    return low


def _school(mounted: Path, fresh: Path, name: str) -> Path:
    """A school that is on the disk already, on a machine whose power will go."""
    prepared = mounted / "prepared"
    prepared.mkdir()
    for file in fresh.iterdir():
        (prepared / file.name).write_bytes(file.read_bytes())
        with (prepared / file.name).open("rb") as written:
            os.fsync(written.fileno())
    return prepared.rename(mounted / name)


@contextmanager
def _mounted(folder: Path) -> Iterator[Path]:
    mounted, kept = folder / "mounted", folder / "kept"
    mounted.mkdir()
    kept.mkdir()
    server = subprocess.Popen([sys.executable, "-m", "tests.privacy.cuts.power_fs", mounted, kept])
    try:
        until = time.monotonic() + 20
        while not os.path.ismount(mounted):
            if server.poll() is not None or time.monotonic() > until:
                raise SystemExit("FUSE does not mount here")
            time.sleep(0.02)
        yield mounted
    finally:
        subprocess.run(["fusermount3", "-u", "-z", mounted], check=False)
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
