"""Decision to relay bytes on the wire, the durable grant included, beside a bare fsync and a bare write.

All three on the same disk and the same kind of line, in turn, so that a busy moment meets them alike. What
our own code adds is what it computes between the decision and the bytes: CPU time of the gate's thread.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import serial

from edge.audit import AuditTrail
from edge.domain.decisions import Outcome, Reason
from edge.domain.events import Direction, Method
from edge.domain.ids import Slug
from edge.policy.passback import Mode, Passback
from edge.policy.schedule import Schedule
from sync.outbox import Outbox
from tests.bench.table import Row
from tests.builders import child_id
from turnstile.admission import Admission
from turnstile.boards.pseudo_terminal import PseudoTerminal
from turnstile.commands.bench_lane import quiet
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.lcus import Lcus, frame
from turnstile.drivers.settings import LcusSettings
from turnstile.gate import Gate, Timing
from turnstile.gate_messages import PassageCompleted, Signal
from turnstile.interlock import Interlock
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.presence import Presence
from turnstile.rules import Rules

RELEASES = 1000
OWN_LIMIT_MS = 2.0
PAGE = bytes(4096)
OPEN = frame(1, on=True)


@dataclass
class Taken:
    """Wall and CPU milliseconds of each call."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def call(self, work: Callable[[], object]) -> None:
        """Do it once."""
        cpu, wall = time.thread_time(), time.perf_counter()
        work()
        self.wall.append((time.perf_counter() - wall) * 1000)
        self.cpu.append((time.thread_time() - cpu) * 1000)


class Walker:
    """The turnstile's contacts: one person goes through whenever `steps_through` was called."""

    def __init__(self) -> None:
        self._signals: list[Signal] = []

    def steps_through(self) -> None:
        """Complete one passage."""
        self._signals.append(PassageCompleted(Direction.IN, time.monotonic()))

    def poll(self) -> Sequence[Signal]:
        """What happened since."""
        told, self._signals = self._signals, []
        return told

    def close(self) -> None:
        """Nothing to let go of."""


def release_rows() -> list[Row]:
    """The 99th percentiles, against the bare two and against the limit of what is ours."""
    quiet()
    ours, synced, written = Taken(), Taken(), Taken()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        with _gate(folder) as release, _bare_line() as write, _bare_file(folder) as fsync:
            for _ in range(RELEASES):
                synced.call(fsync)
                written.call(write)
                ours.call(next(release))
    bare = [sync + write for sync, write in zip(synced.wall, written.wall, strict=True)]
    title = "decision to relay bytes"
    print(
        f"{title}, ms at p50 and p99: ours {_spread(ours.wall)}, bare fsync {_spread(synced.wall)},"
        f" bare pyserial write {_spread(written.wall)}, our own computing {_spread(ours.cpu)}"
    )
    most = _p99(bare) + OWN_LIMIT_MS
    return [
        Row(f"{title}, durable, p99", _p99(ours.wall), most, "ms", "bare fsync + bare write + 2 ms"),
        Row(f"{title}, own computing, p99", _p99(ours.cpu), OWN_LIMIT_MS, "ms", "limit"),
    ]


def _p99(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=100)[-1]


def _spread(taken: Sequence[float]) -> str:
    return f"{statistics.median(taken):.2f} and {_p99(taken):.2f}"


@contextmanager
def _gate(folder: Path) -> Iterator[Iterator[Callable[[], None]]]:
    """The gate's own parts on an LCUS board's line; each call admits one more child, by every rule."""
    line, walker, children = PseudoTerminal(), Walker(), map(child_id, count(1))
    turnstile = open_turnstile(LcusSettings(driver="lcus", port=line.port))
    with (
        Outbox(folder / "outbox.db") as outbox,
        Presence(folder / "presence.db") as presence,
        closing(Interlock(folder / "interlock")) as interlock,
    ):
        audit = AuditTrail(folder / "audit.jsonl", bytes(32))
        journal = Journal(outbox, audit, Slug("bench"), Slug("north"), lambda: True, presence=presence)
        lane = Lane(Gate(Timing()), turnstile, walker, journal, Direction.IN, interlock=interlock)
        hard = Passback(Mode.HARD)
        rules = Rules(Schedule({}), hard, ZoneInfo("Asia/Almaty"), lambda _: "5A", presence)
        admission = Admission(lane, journal, rules, interlock)

        def release() -> None:
            told = admission.admit(Reason.RECOGNISED, next(children), Direction.IN, Method.FACE)
            assert told.outcome is Outcome.GRANT
            assert _arrived(line, OPEN)

        def releases() -> Iterator[Callable[[], None]]:
            while True:
                lane.step()
                outbox.confirm(row.event.id for row in outbox.pending(100))
                line.read(4096)
                yield release
                walker.steps_through()
                lane.step()
                admission.step()

        yield releases()
        audit.close()
    turnstile.close()
    line.unplug()


@contextmanager
def _bare_line() -> Iterator[Callable[[], None]]:
    line = PseudoTerminal()
    with serial.Serial(str(line.port), Lcus.baud, timeout=0) as port:

        def write() -> None:
            port.write(OPEN)
            assert _arrived(line, OPEN)

        yield write
    line.unplug()


@contextmanager
def _bare_file(folder: Path) -> Iterator[Callable[[], None]]:
    file = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def fsync() -> None:
        os.write(file, PAGE)
        os.fsync(file)

    yield fsync
    os.close(file)


def _arrived(line: PseudoTerminal, wanted: bytes) -> bool:
    """Whether these bytes are on the wire, within a second."""
    until, got = time.perf_counter() + 1.0, b""
    while time.perf_counter() < until:
        got += line.read(64)
        if wanted in got:
            return True
    return False
