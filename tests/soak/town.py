"""The parts of a soak: gates behind cuttable lines, a broker, a hub; each can be killed and comes back."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from edge.config import load
from edge.domain.ids import Slug
from sync.broker import Broker, BrokerPlan, local_broker
from sync.hub import schema
from sync.hub.ca import HUB, CertificateAuthority, Issued
from sync.hub.database import Database
from sync.hub.sequence import Gap, gaps
from sync.hub.settings import HubSettings
from sync.outbox import Outbox
from tests.faults.tcp_proxy import TcpProxy
from tests.postgres import Cluster
from tests.sync.parts import KEY, SCHOOL, Process, eventually, free_port, tls_of


@dataclass
class Gate:
    """A gate simulator, its publisher, and the line between the publisher and the broker."""

    name: Slug
    folder: Path
    rate: float
    line: TcpProxy
    publisher: Process
    _simulator: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def outbox(self) -> Path:
        return self.folder / f"{self.name}.db"

    @property
    def ledger(self) -> Path:
        return self.folder / f"{self.name}.ledger"

    def open(self) -> None:
        arguments = [self.outbox, self.name, self.ledger, self.rate]
        self._simulator = subprocess.Popen([sys.executable, "-m", "tests.soak.gate", *map(str, arguments)])

    def kill(self) -> None:
        if self._simulator is not None:
            self._simulator.kill()
            self._simulator.wait()
            self._simulator = None

    def sent(self) -> int:
        """How many numbers the outbox has given."""
        with closing(sqlite3.connect(self.outbox)) as connection:
            query = "SELECT seq FROM sqlite_sequence WHERE name = 'event'"
            return int(connection.execute(query).fetchone()[0])

    def written(self) -> set[UUID]:
        """What was durable in the outbox before the simulator went on."""
        return {UUID(line) for line in self.ledger.read_text("ascii").split()}


class Town:
    """Everything of one school in a folder; `database` is the hub's on this PostgreSQL, else it is SQLite."""

    def __init__(
        self,
        folder: Path,
        gates: int,
        rate: float,
        *,
        cluster: Cluster | None = None,
        database: str = "",
    ) -> None:
        self.folder = folder
        self.cluster = cluster
        folder.mkdir(parents=True, exist_ok=True)
        authority = CertificateAuthority.create(folder / "ca", SCHOOL)
        names = [Slug(f"gate-{number}") for number in range(1, gates + 1)]
        port = free_port()
        plan = BrokerPlan(folder / "broker", port, tls_of(authority.issue_broker()), SCHOOL, names, HUB)
        self.broker: Broker = local_broker(plan)
        self._hub_config = folder / "hub.toml"
        self.hub = self._hub(
            cluster.url(database) if cluster else str(folder / "hub.db"), port, authority.issue_hub()
        )
        self.gates = [self._gate(name, rate, port, authority.issue_gate(name)) for name in names]

    def __enter__(self) -> "Town":
        self.broker.start()
        self.hub.start()
        for gate in self.gates:
            gate.publisher.start()
            gate.open()
        return self

    def __exit__(self, *error: object) -> None:
        for gate in self.gates:
            gate.kill()
            gate.publisher.kill()
            gate.line.close()
        self.hub.kill()
        self.broker.stop()

    @contextmanager
    def database_away(self) -> Iterator[None]:
        """Nobody can write to the hub's database meanwhile."""
        if self.cluster is not None:
            self.cluster.kill()
            try:
                yield
            finally:
                self.cluster.start()
        else:
            file = load(self._hub_config, HubSettings).database
            with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as holder:
                holder.execute("BEGIN IMMEDIATE")
                yield

    def take_one(self, gate: Gate) -> None:
        """What must never happen: an event that no hub has vanishes from an outbox."""
        with Outbox(gate.outbox) as outbox:
            eventually(lambda: len(outbox.pending(10)) >= 3 and gate.ledger.exists(), "events wait")
            outbox.confirm([outbox.pending(2)[1].event.id])

    def stored(self) -> dict[str, set[UUID]]:
        """Of each gate the events in the hub's database."""
        found: dict[str, set[UUID]] = {}
        path = load(self._hub_config, HubSettings).database
        with closing(Database(path)) as database, database.read() as connection:
            for gate, id_ in connection.execute(select(schema.event.c.gate, schema.event.c.id)):
                found.setdefault(gate, set()).add(id_)
        return found

    def gaps(self) -> list[Gap]:
        """What the hub says is missing."""
        with closing(Database(load(self._hub_config, HubSettings).database)) as database:
            return gaps(database)

    def duplicates(self) -> int:
        """Events that came once more and were removed, as the hub counted them in its log."""
        lines = (json.loads(line) for line in self.hub.text.splitlines() if line.startswith("{"))
        return sum(line["known"] for line in lines if line["event"] == "stored")

    def waiting(self) -> int:
        """Events that no hub has confirmed yet."""
        return sum(_backlog(gate.outbox) for gate in self.gates if gate.outbox.exists())

    def _hub(self, database: str, port: int, issued: Issued) -> Process:
        key = self.folder / "pseudonym.key"
        key.write_bytes(KEY)
        text = f'school = "{SCHOOL}"\ndatabase = "{database}"\npseudonym_key = "{key}"\n'
        text += _connection(port, issued) + f"[http]\nport = {free_port()}\n"
        self._hub_config.write_text(text, "utf-8")
        return Process("sync.hub.cli", ["run", "--config", str(self._hub_config)], self.folder / "hub.log")

    def _gate(self, name: Slug, rate: float, port: int, issued: Issued) -> Gate:
        line, config = TcpProxy(port), self.folder / f"{name}.toml"
        outbox = self.folder / f"{name}.db"
        config.write_text(
            f'school = "{SCHOOL}"\ngate = "{name}"\noutbox = "{outbox}"\n' + _connection(line.port, issued),
            "utf-8",
        )
        publisher = Process("sync.cli", ["run", "--config", str(config)], self.folder / f"{name}.log")
        return Gate(name, self.folder, rate, line, publisher)


def _connection(port: int, issued: Issued) -> str:
    return (
        f'[broker]\nport = {port}\n[tls]\nca = "{issued.ca}"\ncert = "{issued.cert}"\nkey = "{issued.key}"\n'
        "[retry]\nfirst_seconds = 0.3\nlongest_seconds = 2.0\n"
    )


def _backlog(path: Path) -> int:
    with Outbox(path) as outbox:
        return outbox.backlog().count
