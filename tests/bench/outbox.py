"""What a passage costs the card of a gate: a durable append beside a bare fsync, and bytes written.

A passage is a grant, its settlement and, for four at once, the hub's confirmation. Bytes are those of
write(2) (`wchar` of proc(5)), so that neither the file system nor its cache matters.
"""

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from edge import device_clock
from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Moment
from edge.domain.ids import Slug, uuid7
from sync.outbox import Outbox
from tests.bench.table import Row, median_ms
from tests.builders import child_id

RUNS = 300
PASSAGES = 1000
PAGE = bytes(4096)
LIMIT_KB = 64.0


def outbox_rows() -> list[Row]:
    """On the disk of the working folder."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        with Outbox(folder / "outbox.db") as outbox:
            append = median_ms(lambda: outbox.append(_event(Kind.REFUSED)), RUNS)
            bare = median_ms(_bare_fsync(folder / "bare"), RUNS)
            written = _bytes_written(lambda: _passages(outbox, PASSAGES)) / PASSAGES / 1024
    print(f"outbox: {1000 / append:.0f} appends/s where the disk does {1000 / bare:.0f} fsyncs/s")
    return [
        Row("outbox append, durable, median", append, bare, "ms", "bare write + fsync", least=0.5),
        Row("bytes written for one passage", written, LIMIT_KB, "kB", "limit"),
    ]


def _passages(outbox: Outbox, count: int) -> None:
    waiting: list[UUID] = []
    for number in range(count):
        grant = _event(Kind.GRANTED_NOT_PASSED)
        outbox.grant(grant)
        outbox.settle(grant.id, Kind.PASSED, Moment(grant.occurred, True, grant.uptime))
        waiting.append(grant.id)
        if number % 4 == 3:
            outbox.confirm(waiting)
            waiting.clear()


def _event(kind: Kind) -> AttendanceEvent:
    child = None if kind is Kind.REFUSED else child_id(1)
    return AttendanceEvent(
        uuid7(),
        Slug("bench"),
        Slug("north"),
        child,
        Direction.IN,
        datetime.now(UTC),
        True,
        Method.FACE,
        kind,
        device_clock.uptime(),
    )


def _bare_fsync(path: Path) -> Callable[[], object]:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def work() -> None:
        os.write(file, PAGE)
        os.fsync(file)

    return work


def _bytes_written(work: Callable[[], object]) -> int:
    before = _wchar()
    work()
    return _wchar() - before


def _wchar() -> int:
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text("ascii").splitlines())
    return int(lines["wchar"])
