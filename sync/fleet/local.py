"""A district on this machine: three NATS nodes, PostgreSQL where it is installed, workers, certificates."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from edge.domain.ids import Slug
from edge.errors import ConfigError, QaqpaError
from sync.broker import BrokerPlan, NatsBroker
from sync.fleet import postgres
from sync.fleet.authority import settings_of
from sync.fleet.ports import free_ports
from sync.hub.ca import HUB, CertificateAuthority, Issued
from sync.hub.migrate import upgrade
from sync.hub.nats import Cluster
from sync.identity import Identity
from sync.link import connect
from sync.settings import BrokerSettings

DISTRICT = Slug("district")
NODES = 3
_READY_SECONDS = 60.0
_LOOK_SECONDS = 0.2
_STOP_SECONDS = 20.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Authority:
    """The district's, with what its servers need."""

    authority: CertificateAuthority
    broker: Issued
    hub: Issued

    @classmethod
    def create(cls, folder: Path) -> "Authority":
        """A new one. Raises ConfigError."""
        authority = CertificateAuthority.create(folder, DISTRICT, district=True)
        return cls(authority, authority.issue_broker(), authority.issue_hub())


@dataclass(frozen=True, slots=True)
class District:
    """What runs, and where the gates find it."""

    broker: BrokerSettings
    nodes: Sequence[NatsBroker]
    database: Path | str
    workers: Sequence["Worker"]


class Worker:
    """`qaqpa-hub ingest` in a process of its own, for some schools."""

    def __init__(self, folder: Path, number: int, config: str) -> None:
        self.log = folder / f"worker-{number}.log"
        self._config = folder / f"worker-{number}.toml"
        self._config.write_text(config, "utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """While it runs."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """May follow `kill`."""
        with self.log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sync.hub", "ingest", "--config", str(self._config)],
                stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            )  # fmt: skip

    def online(self) -> bool:
        """Whether it listens. Raises ConfigError if it has ended."""
        if self._process is None or self._process.poll() is not None:
            raise ConfigError("a worker of the hub ended by itself", f"See {self.log}")
        return '"event": "online"' in self.log.read_text("utf-8")

    def stop(self) -> None:
        """End it in order, or else at once."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def running(
    folder: Path, authority: Authority, gates: Sequence[Identity], workers: int
) -> Iterator[District]:
    """Start everything and wait until the workers listen. Raises ConfigError."""
    with ExitStack() as stack:
        nodes = _nodes(folder, authority, gates)
        for node in nodes:
            stack.enter_context(node)
        broker = BrokerSettings(hosts=tuple(f"localhost:{node.plan.port}" for node in nodes))
        _until(lambda: _accepts(broker, authority), "the cluster elects no leader", folder)
        database = stack.enter_context(_database(folder))
        crew = _workers(folder, authority, broker, database, _divide(gates, workers, database))
        for worker in crew:
            stack.callback(worker.stop)
            worker.start()
        _until(lambda: all(worker.online() for worker in crew), "the workers do not listen", folder)
        yield District(broker, nodes, database, crew)


def _nodes(folder: Path, authority: Authority, gates: Sequence[Identity]) -> list[NatsBroker]:
    ports = free_ports(2 * NODES)
    routes = [f"localhost:{port}" for port in ports[NODES:]]
    tls = settings_of(authority.broker)
    made = []
    for number in range(NODES):
        name = f"node-{number + 1}"
        cluster = Cluster(name, ports[NODES + number], routes)
        made.append(
            NatsBroker(BrokerPlan(folder / name, ports[number], tls, DISTRICT, gates, HUB, cluster=cluster))
        )
    return made


@contextmanager
def _database(folder: Path) -> Iterator[Path | str]:
    binaries = postgres.find_binaries()
    if binaries is None:
        log.warning("PostgreSQL is not installed: SQLite and one worker", remedy="apt install postgresql")
        yield folder / "hub.db"
        return
    cluster = postgres.Cluster(binaries)
    try:
        cluster.start()
        with cluster.database() as name:
            upgrade(cluster.url(name))
            yield cluster.url(name)
    finally:
        cluster.remove()


def _divide(gates: Sequence[Identity], workers: int, database: Path | str) -> list[list[str]]:
    """The schools of each worker; an SQLite file has one writer."""
    schools = list(dict.fromkeys(str(gate.school) for gate in gates))
    count = 1 if isinstance(database, Path) else min(workers, len(schools))
    return [schools[number::count] for number in range(count)]


def _workers(
    folder: Path, authority: Authority, broker: BrokerSettings, database: Path | str, parts: list[list[str]]
) -> list[Worker]:
    tls = authority.hub
    return [
        Worker(
            folder,
            number,
            f'school = "{DISTRICT}"\nschools = {json.dumps(schools)}\ndatabase = "{database}"\n'
            f'pseudonym_key = "{folder}/unused"\n[broker]\nhosts = {json.dumps(broker.hosts)}\n'
            f'[tls]\nca = "{tls.ca}"\ncert = "{tls.cert}"\nkey = "{tls.key}"\n',
        )
        for number, schools in enumerate(parts, 1)
    ]


def _accepts(broker: BrokerSettings, authority: Authority) -> bool:
    try:
        for each in broker.each():
            connect(each, settings_of(authority.hub), "qaqpa-trial").close()
    except QaqpaError as error:
        if not error.retryable:
            raise
        return False
    return True


def _until(holds: Callable[[], bool], problem: str, folder: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise ConfigError(problem, f"See the logs in {folder}")
        time.sleep(_LOOK_SECONDS)
