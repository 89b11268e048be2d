"""Real parts of one school on one machine: certificates, a broker, hub and publisher processes, a phone."""

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import psycopg

from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Moment
from edge.domain.ids import Slug, pseudonym, uuid7
from sync.broker import BrokerPlan
from sync.hub.ca import HUB, Issued
from sync.hub.database import Database
from sync.hub.directory import Directory, Entry
from sync.outbox import Outbox
from sync.rows import Row
from sync.settings import TlsSettings

SCHOOL = Slug("school-7")
GATE = Slug("main")
OTHER_GATE = Slug("yard")
KEY = b"k" * 32
OUTBOX = UUID(int=0x5CA1AB1E)
CHILD = pseudonym(KEY, "S-1")
NAME = "Айша"
PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tls_of(issued: Issued) -> TlsSettings:
    return TlsSettings(ca=issued.ca, cert=issued.cert, key=issued.key)


def eventually(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.02)


def granted(gate: Slug = GATE, when: datetime | None = None) -> AttendanceEvent:
    return AttendanceEvent(
        id=uuid7(),
        school=SCHOOL,
        gate=gate,
        child=CHILD,
        direction=Direction.IN,
        occurred=when or datetime.now(UTC),
        clock_synchronised=True,
        method=Method.FACE,
        kind=Kind.GRANTED_NOT_PASSED,
    )


def pass_through(outbox: Outbox) -> AttendanceEvent:
    """One child passes: grant, then passage."""
    event = granted()
    outbox.grant(event)
    outbox.settle(event.id, Kind.PASSED, Moment(event.occurred, True, event.uptime))
    return event


def row(event: AttendanceEvent, number: int = 1) -> Row:
    """The event as a gate's outbox would number it."""
    return Row(OUTBOX, number, event)


class Phone:
    """Receives what Apprise posts to json:// addresses."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        phone = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                phone.messages.append(body["message"])
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self._server.server_port}/aisha-mother"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Process:
    """One of our commands as a process of its own; what it says goes into a file."""

    module: str
    arguments: list[str]
    said: Path
    _running: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        with self.said.open("ab") as file:
            self._running = subprocess.Popen(
                [sys.executable, "-c", f"from {self.module} import main; main()", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )

    @property
    def text(self) -> str:
        return self.said.read_text("utf-8")

    def wait_for(self, words: str, times: int = 1) -> None:
        eventually(lambda: self.text.count(words) >= times, f"{self.module} says {words!r}")

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def end(self, patience: float = PATIENCE) -> int:
        """Wait until it ends by itself."""
        assert self._running is not None
        code = self._running.wait(patience)
        self._running = None
        return code

    def _end(self, number: signal.Signals) -> int:
        if self._running is None:
            return 0
        self._running.send_signal(number)
        return self.end()


@dataclass
class School:
    """The files of one school under one folder."""

    folder: Path
    broker: Issued
    hub: Issued
    gates: dict[Slug, Issued]
    port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    postgresql: str | None = None
    """A URL, where the hub shall not use SQLite."""

    @property
    def plan(self) -> BrokerPlan:
        return BrokerPlan(
            self.folder / "broker", self.port, tls_of(self.broker), SCHOOL, list(self.gates), HUB
        )

    @property
    def outbox(self) -> Path:
        return self.folder / "outbox.db"

    @property
    def database(self) -> Path | str:
        return self.postgresql or self.folder / "hub.db"

    def publisher(self, issued: Issued | None = None, first_seconds: float = 0.3) -> Process:
        config = self.folder / "sync.toml"
        config.write_text(
            f"""
            school = "{SCHOOL}"
            gate = "{GATE}"
            outbox = "{self.outbox}"
            {self._common(issued or self.gates[GATE], first_seconds)}
            """,
            "utf-8",
        )
        return Process("sync.cli", ["run", "--config", str(config)], self.folder / "publisher.log")

    def hub_process(self, *arguments: str) -> Process:
        key = self.folder / "pseudonym.key"
        key.write_bytes(KEY)
        config = self.folder / "hub.toml"
        config.write_text(
            f"""
            school = "{SCHOOL}"
            database = "{self.database}"
            pseudonym_key = "{key}"
            {self._common(self.hub, 0.2)}
            [http]
            port = {self.http_port}
            [notify]
            first_retry_seconds = 1
            lease_seconds = 5
            """,
            "utf-8",
        )
        return Process(
            "sync.hub.cli", [*(arguments or ("run",)), "--config", str(config)], self.folder / "hub.log"
        )

    def register(self, url: str) -> None:
        """Put one child with one guardian into the hub's directory."""
        with closing(Database(self.database)) as database:
            Directory(database).replace([Entry(CHILD, NAME, "mother", "kk", url)])

    def _common(self, issued: Issued, first_seconds: float) -> str:
        return f"""
            [broker]
            port = {self.port}
            [tls]
            ca = "{issued.ca}"
            cert = "{issued.cert}"
            key = "{issued.key}"
            [retry]
            first_seconds = {first_seconds}
            longest_seconds = {first_seconds * 4}
        """

    def count(self, query: str) -> int:
        """A number from the hub's database, 0 before it exists."""
        if isinstance(self.database, str):
            with psycopg.connect(self.database) as server:
                (found,) = server.execute(query.encode()).fetchone() or (0,)
                return int(found)
        if not self.database.exists():
            return 0
        with closing(sqlite3.connect(self.database, timeout=10)) as connection:
            return int(connection.execute(query).fetchone()[0])


@contextmanager
def running(*processes: Process) -> Iterator[None]:
    """Start them in order; none is left behind."""
    try:
        for process in processes:
            process.start()
        yield
    finally:
        for process in processes:
            process.kill()
