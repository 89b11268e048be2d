"""One round: a process of its own does what staff do, and is cut off; another one looks at what is left."""

import os
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.privacy.cuts.school import act, broken_promises


def cut_off(folder: Path, key: Path, before: Callable[[], None] = lambda: None) -> tuple[int, bool]:
    """What staff were told before the process ended, and whether it came to its end."""
    told, tell = os.pipe()
    process = os.fork()
    if not process:
        code = 1
        try:
            os.close(told)
            before()
            act(folder, key, tell)
            code = 0
        except BaseException:  # noqa: BLE001 - a cut shows as any error; the parent judges what is left
            code = 1
        finally:
            os._exit(code)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        heard = len(pipe.read())
    _, status = os.waitpid(process, 0)
    return heard, os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def judged(folder: Path, key: Path, earlier: Path, told: int) -> list[str]:
    """The broken promises; an error of any kind is one too."""
    try:
        return broken_promises(folder, key, earlier, told)
    except Exception:  # noqa: BLE001 - whatever it is, the kiosk did not come back
        return [traceback.format_exc()]
