"""kill -9 at one line after another: `python -m tests.privacy.cuts.kills FOLDER CUTS`.

Prints the lines that an erasure, a withdrawal and a removal run through, the cuts tried, and every
broken promise.
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from tests.privacy.cuts.fork import cut_off, judged
from tests.privacy.cuts.school import prepare

OURS = ("/edge/vault/", "/edge/audit.py", "/edge/receipt.py", "/enrollment/")


class Lines:
    """Counts the lines of our code that a process runs; ends it without warning at the one it is told."""

    def __init__(self, last: int) -> None:
        self._left = last

    def begin(self) -> None:
        """From here on."""
        sys.settrace(self._call)

    def _call(self, frame: FrameType, event: str, _: Any) -> Any:
        return self._line if any(part in frame.f_code.co_filename for part in OURS) else None

    def _line(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
        return self._line


def main(folder: Path, cuts: int) -> int:
    """Spread the cuts evenly over all lines."""
    key, fresh = folder / "key", folder / "fresh"
    fresh.mkdir()
    prepare(fresh, key)
    total = _lines_until_told(folder, key, fresh)
    broken = []
    ended = 0
    for number in range(cuts):
        last = 1 + number * total // cuts
        place = folder / "school"
        shutil.copytree(fresh, place)
        told, whole = cut_off(place, key, Lines(last).begin)
        ended += whole
        broken += [f"line {last} of {total}: {what}" for what in judged(place, key, fresh, told)]
        shutil.rmtree(place)
    print(f"lines={total} cuts={cuts} came to their end={ended} broken={len(broken)}")
    print("\n".join(broken))
    return bool(broken or ended)


def _lines_until_told(folder: Path, key: Path, fresh: Path) -> int:
    """How many lines the whole takes: the smallest number at which it comes to its end, to 50 lines."""
    low, high = 1, 200_000
    while high - low > 50:
        middle = (low + high) // 2
        shutil.copytree(fresh, folder / "try")
        _, whole = cut_off(folder / "try", key, Lines(middle).begin)
        shutil.rmtree(folder / "try")
        low, high = (low, middle) if whole else (middle, high)
    return low


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
