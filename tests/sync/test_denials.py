"""Who gets no session and no topic on a real broker: wrong certificates, foreign topics, the revoked."""

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from edge.domain.ids import Slug
from edge.errors import QaqpaError, SyncRetryable, SyncTerminal
from sync.broker import Broker, BrokerPlan, MosquittoBroker
from sync.hub.ca import HUB, TERM, CertificateAuthority, Issued
from sync.identity import utc_now
from sync.link import Link, connect
from sync.settings import BrokerSettings
from tests.sync.conftest import BROKERS, started
from tests.sync.parts import GATE, OTHER_GATE, SCHOOL, Process, eventually, free_port, running, tls_of

MINE = f"qaqpa/v1/{SCHOOL}/{GATE}/attendance"
MY_CONFIRMATIONS = f"qaqpa/v1/{SCHOOL}/{GATE}/confirmed"


class Town:
    """An authority with a hub and two gates, and the plan of a broker that knows its revocation list."""

    def __init__(self, folder: Path, made: timedelta = timedelta()) -> None:
        self.folder = folder
        CertificateAuthority.create(folder / "ca", SCHOOL, lambda: utc_now() - made)
        self.authority = CertificateAuthority.open(folder / "ca")
        broker = self.authority.issue_broker()
        self.hub, self.main, self.yard = (
            self.authority.issue_hub(),
            self.authority.issue_gate(GATE),
            self.authority.issue_gate(OTHER_GATE),
        )
        self.plan = BrokerPlan(
            folder / "broker",
            free_port(),
            tls_of(broker),
            SCHOOL,
            [GATE, OTHER_GATE],
            HUB,
            authority=folder / "ca",
        )

    def link(self, issued: Issued, name: str = "someone") -> Link:
        return connect(BrokerSettings(port=self.plan.port), tls_of(issued), name)

    def certificate_from(self, shift: timedelta) -> Issued:
        """For the gate, from a clock that differs so much; in a folder of its own, nothing is overwritten."""
        copy = self.folder / f"copy{shift.days}"
        copy.mkdir()
        for name in ("ca.crt", "ca.key"):
            (copy / name).write_bytes((self.folder / "ca" / name).read_bytes())
        return CertificateAuthority.open(copy, lambda: utc_now() + shift).issue_gate(GATE)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, town: Town) -> Iterator[Broker]:
    yield from started(request.param, town.plan)


@pytest.fixture
def mosquitto(town: Town) -> Iterator[Broker]:
    yield from started("mosquitto", town.plan)


def heard(*links: Link, seconds: float = 0.5) -> list[str]:
    topics, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        for link in links:
            topics += [message.topic for message in link.step(0.02)]
    return topics


def test_an_expired_certificate_opens_no_session(town: Town, broker: Broker) -> None:
    with pytest.raises(SyncTerminal, match="EXPIRED"):
        town.link(town.certificate_from(-TERM - timedelta(days=1)))


def test_a_certificate_of_another_schools_authority_opens_no_session(
    town: Town, broker: Broker, tmp_path: Path
) -> None:
    stranger = CertificateAuthority.create(tmp_path / "stranger", SCHOOL).issue_gate(GATE)
    with pytest.raises(SyncTerminal, match="refuses this certificate"):
        town.link(Issued(town.main.ca, stranger.cert, stranger.key))


@pytest.mark.parametrize("weakness", ["no certificate", "TLS 1.2"])
def test_neither_a_client_without_certificate_nor_an_old_protocol_gets_an_answer(
    town: Town, broker: Broker, weakness: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(town.main.ca)
    if weakness == "TLS 1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(town.main.cert, town.main.key)
    with (
        pytest.raises(ssl.SSLError, match=r"CERTIFICATE_REQUIRED|PROTOCOL_VERSION|BAD_CERTIFICATE"),
        socket.create_connection(("localhost", town.plan.port), timeout=5) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as connection,
    ):
        connection.recv(1)


@pytest.mark.parametrize(
    "topic",
    [
        f"qaqpa/v1/{SCHOOL}/{OTHER_GATE}/attendance",
        f"qaqpa/v1/{SCHOOL}/{OTHER_GATE}/status",
        f"qaqpa/v1/school-8/{GATE}/attendance",
        f"qaqpa/v1/{SCHOOL}/{OTHER_GATE}/confirmed",
        MY_CONFIRMATIONS,
        f"qaqpa/v2/{SCHOOL}/{GATE}/attendance",
        f"{MINE}/more",
        "$SYS/broker/version",
        "anything",
    ],
)
def test_a_gate_writes_nothing_but_its_own_attendance_and_status(
    town: Town, mosquitto: Broker, topic: str
) -> None:
    with town.link(town.main) as main:
        main.publish(topic, b"x")
        with pytest.raises(SyncTerminal, match="not authorised"):
            heard(main, seconds=5)
    with town.link(town.main) as main:
        main.publish(MINE, b"x")
        heard(main)


@pytest.mark.parametrize(
    "topic",
    [
        MINE,
        "#",
        "+/+/+/+/+",
        f"qaqpa/v1/{SCHOOL}/+/attendance",
        f"qaqpa/v1/{SCHOOL}/{OTHER_GATE}/confirmed",
        f"qaqpa/v1/{SCHOOL}/+/confirmed",
        f"$share/x/qaqpa/v1/{SCHOOL}/+/attendance",
        "$SYS/#",
    ],
)
def test_a_gate_reads_nothing_but_its_own_confirmations(town: Town, broker: Broker, topic: str) -> None:
    """Mosquitto says yes to a wildcard and delivers nothing; NATS says no."""
    with town.link(town.hub, "hub") as hub, town.link(town.main) as main, town.link(town.yard, "y") as yard:
        hub.subscribe(f"qaqpa/v1/{SCHOOL}/+/attendance")
        with suppress(SyncTerminal):
            main.subscribe(topic)
        yard.publish(f"qaqpa/v1/{SCHOOL}/{OTHER_GATE}/attendance", b"x")
        hub.publish(f"qaqpa/v1/{SCHOOL}/{OTHER_GATE}/confirmed", b"x")
        assert heard(hub, yard) == [f"qaqpa/v1/{SCHOOL}/{OTHER_GATE}/attendance"]
        with suppress(QaqpaError):
            assert heard(main) == []


def test_a_certificate_with_another_schools_name_writes_and_reads_nothing_here(
    town: Town, broker: Broker
) -> None:
    """Even one that our own authority were tricked into signing."""
    foreign = _signed_as(town, "school-8/main")
    with town.link(town.hub, "hub") as hub:
        hub.subscribe(f"qaqpa/v1/{SCHOOL}/+/attendance")
        with suppress(SyncTerminal), town.link(foreign) as guest:
            guest.publish(MINE, b"x")
            heard(guest)
        assert heard(hub) == []


@pytest.mark.parametrize("name", ["+/main", "school-7/+", "#", "main"])
def test_a_name_with_a_wildcard_or_without_school_has_no_rights(
    town: Town, mosquitto: Broker, name: str
) -> None:
    with suppress(SyncTerminal), town.link(_signed_as(town, name)) as guest:
        guest.publish(MINE, b"x")
        with pytest.raises(QaqpaError):
            heard(guest, seconds=5)


def test_a_revoked_gate_opens_no_session_and_the_others_do(town: Town, broker: Broker) -> None:
    town.authority.revoke(f"{SCHOOL}/{GATE}")
    broker.stop()
    broker.start()
    with pytest.raises(SyncTerminal):
        town.link(town.main)
    town.link(town.yard).close()


def test_the_session_of_a_gate_ends_when_it_is_revoked(town: Town) -> None:
    """A stolen device that stays connected must not report on."""
    said = town.folder / "said"
    arguments = f"broker run {town.folder}/b --ca {town.folder}/ca --school {SCHOOL} --gate {GATE}"
    process = Process("sync.hub.cli", [*arguments.split(), "--port", str(town.plan.port)], said)
    with running(process), ExitStack() as ending:
        ending.callback(process.stop)  # in order: a killed one would leave its broker behind
        process.wait_for("Ctrl-C ends it")
        eventually(lambda: _comes(town, town.main), "the broker is up")
        with town.link(town.main) as main:
            revoking = Process("sync.hub.cli", ["ca", "revoke", f"{town.folder}/ca", str(GATE)], said)
            with running(revoking):
                assert revoking.end() == 0, said.read_text("utf-8")
            with pytest.raises(SyncRetryable, match="lost"):
                heard(main, seconds=20)
        eventually(lambda: not _comes(town, town.main), "it is refused")
        with pytest.raises(QaqpaError):
            town.link(town.main)


def test_a_revocation_list_of_years_ago_shuts_nobody_out(tmp_path: Path) -> None:
    old = Town(tmp_path, made=timedelta(days=3 * 365))
    if MosquittoBroker.find() is None:
        pytest.skip("mosquitto is not installed")
    with MosquittoBroker(old.plan):
        old.link(old.main).close()


def test_a_gate_waits_for_a_broker_whose_clock_is_behind(town: Town, mosquitto: Broker) -> None:
    """It must not give up for good: the broker's clock will be set, and nobody is at the gate."""
    with pytest.raises(SyncRetryable, match="clock"):
        town.link(town.certificate_from(timedelta(days=30)))


def test_the_files_for_an_installed_mosquitto_work_in_debians_configuration(town: Town) -> None:
    executable = MosquittoBroker.find()
    if executable is None:
        pytest.skip("mosquitto is not installed")
    made, installed = town.folder / "conf.d", town.folder / "installed"
    arguments = f"broker config {made} --ca {town.folder}/ca --installed {installed} --host 127.0.0.1"
    process = Process(
        "sync.hub.cli", [*arguments.split(), "--port", str(town.plan.port)], town.folder / "said"
    )
    with running(process):
        assert process.end() == 0, process.text
    installed.mkdir()
    (made / "qaqpa.acl").rename(installed / "qaqpa.acl")
    for name in ("ca.crt", "ca.crl", "broker.crt", "broker.key"):
        (installed / name).write_bytes((town.folder / "ca" / name).read_bytes())
    main = town.folder / "mosquitto.conf"
    main.write_text(
        f"persistence true\npersistence_location {town.folder}/\nlog_dest file {town.folder}/log\n"
        f"include_dir {made}\nuser root\n",
        "utf-8",
    )
    server = subprocess.Popen([executable, "-c", str(main)])
    try:
        eventually(lambda: _comes(town, town.main), "it serves")
        with town.link(town.hub, "hub") as hub, town.link(town.main) as gate:
            hub.subscribe(f"qaqpa/v1/{SCHOOL}/+/attendance")
            gate.publish(MINE, b"x")
            assert heard(gate, hub) == [MINE]
    finally:
        server.terminate()
        server.wait()


def _comes(town: Town, issued: Issued) -> bool:
    try:
        town.link(issued).close()
    except QaqpaError:
        return False
    return True


def _signed_as(town: Town, name: str) -> Issued:
    issued = town.authority.issue_gate(Slug("guest"))
    key = x509.load_pem_x509_certificate(issued.cert.read_bytes()).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    signed = town.authority._sign(name, key, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))
    issued.cert.write_bytes(signed.public_bytes(Encoding.PEM))
    return issued
