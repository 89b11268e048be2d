"""A decision until the browser has it: durable grant, release, feed, the display's process, its event stream.

The gate's real parts in this process, `qaqpa-gate display` in its own; the client reads the event stream as a
browser does. What the browser then needs to paint is not in the figure.
"""

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edge.audit import AuditTrail
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.events import Direction, Method
from edge.domain.ids import Slug
from sync.outbox import Outbox
from tests.bench.table import Row
from tests.builders import KEY, child_id
from turnstile.admission import Admission
from turnstile.announcer import Announcer, Place
from turnstile.commands.bench_lane import quiet
from turnstile.cue import Cue
from turnstile.drivers.settings import SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.feed.server import FeedServer
from turnstile.gate import Gate, Timing
from turnstile.journal import Journal
from turnstile.lane import Lane

DECISIONS = 300
LIMIT_MS = 100.0
GATE = Slug("bench")
REFUSED = Decision(Outcome.REFUSE, Reason.NOT_RECOGNISED)


def shown_rows() -> list[Row]:
    """Grants one after the other, each followed by a refusal, so that the screen changes every time."""
    quiet()
    with tempfile.TemporaryDirectory() as name, _Bench(Path(name)) as bench:
        taken = [bench.grant() for _ in range(DECISIONS)]
    cuts = statistics.quantiles(taken, n=100)
    title = "decision to event at the browser"
    return [
        Row(f"{title}, median of {DECISIONS}", statistics.median(taken), LIMIT_MS, "ms", "limit", 1.0),
        Row(f"{title}, 99th percentile", cuts[98], LIMIT_MS, "ms", "limit", 1.0),
    ]


class _Bench(ExitStack):
    """A lane, its announcer, and a client of the display's page."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        outbox = self.enter_context(Outbox(folder / "outbox.db"))
        audit = AuditTrail(folder / "audit.jsonl", KEY)
        self.callback(audit.close)
        journal = Journal(outbox, audit, Slug("school"), GATE, lambda: True)
        turnstile = SimulatedTurnstile(SimulatedSettings(driver="simulated", walk_seconds=0.01))
        self._lane = Lane(Gate(Timing()), turnstile, turnstile, journal, Direction.IN)
        self._admission = Admission(self._lane, journal)
        feed = FeedServer(folder / "feed")
        self.callback(feed.close)
        place = Place(GATE, Direction.IN, faces=True, readers=True)
        self._announcer = Announcer(place, self._lane, outbox, feed=feed)
        self._events = _events(self.enter_context(_display(folder)))
        self._until(Cue.READY)

    def grant(self) -> float:
        """Milliseconds from the decision until the client has read the welcome."""
        decided = time.monotonic()
        granted = self._admission.admit(Reason.RECOGNISED, child_id(1), Direction.IN, Method.FACE)
        self._announcer.decided(granted, Direction.IN, latency_ms=0.0)
        self._until(Cue.WELCOME)
        taken = (time.monotonic() - decided) * 1000
        while not self._lane.may_grant(Direction.IN):
            self._lane.step()
        self._announcer.decided(REFUSED, Direction.IN, latency_ms=0.0)
        self._until(Cue.USE_CARD)
        return taken

    def _until(self, cue: Cue) -> None:
        while next(self._events) != cue.value:
            self._announcer.step(awaited=False)


@contextmanager
def _display(folder: Path) -> Iterator[int]:
    """The port of a display that listens to the feed in this folder."""
    command = (
        "import sys; from pathlib import Path; from turnstile.display.server import listen_on, make_server; "
    )
    command += "taken = listen_on(0); print(taken.getsockname()[1], flush=True); "
    command += "make_server(Path(sys.argv[1])).run(sockets=[taken])"
    display = subprocess.Popen(
        [sys.executable, "-c", command, str(folder / "feed")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert display.stdout is not None
        yield int(display.stdout.readline())
    finally:
        display.terminate()
        display.communicate()


def _events(port: int) -> Iterator[str]:
    """The cue of each event, as soon as its line is read."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/events")
    for line in connection.getresponse():
        if line.startswith(b"data: "):
            yield json.loads(line[6:])["cue"]
