"""A device gets, keeps and loses its certificate: real commands, real TLS, a stranger in between."""

import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path
from threading import Event, Thread

import pytest

from edge.errors import SyncTerminal
from sync.broker import BrokerPlan, MosquittoBroker
from sync.enrol import HubClient
from sync.hub.ca import HUB, TERM, CertificateAuthority, Issued
from sync.hub.enrolment import EnrolmentServer
from sync.identity import MAX_REQUEST_BYTES, fingerprint, read_certificate, utc_now
from sync.link import connect
from sync.settings import BrokerSettings, TlsSettings
from tests.sync.parts import GATE, SCHOOL, Process, eventually, free_port, running, tls_of
from tests.unit.sync.test_approval import device as new_request

NO_SHIFT = timedelta()
CODE = re.compile(r"code of \S+: (\S+)")


class Place:
    """The hub's authority with its enrolment service, and a device that owns only its configuration."""

    def __init__(self, folder: Path, shift: timedelta = NO_SHIFT) -> None:
        self.folder = folder
        self.ca = folder / "ca"
        self.authority = CertificateAuthority.create(self.ca, SCHOOL, lambda: utc_now() + shift)
        self.authority.issue_broker()
        self.fingerprint = fingerprint(self.authority.certificate)
        self.port = free_port()
        self.service = Process(
            "sync.hub.cli",
            ["ca", "serve", str(self.ca), "--host", "127.0.0.1", "--port", str(self.port)],
            folder / "service.log",
        )
        self.tls = TlsSettings(ca=folder / "ca.pem", cert=folder / "gate.pem", key=folder / "gate.key")
        (folder / "sync.toml").write_text(
            f"""
            school = "{SCHOOL}"
            gate = "{GATE}"
            outbox = "{folder}/outbox.db"
            [renewal]
            hub = "{self.url}"
            [broker]
            port = 1
            [tls]
            ca = "{self.tls.ca}"
            cert = "{self.tls.cert}"
            key = "{self.tls.key}"
            """,
            "utf-8",
        )

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def device(self, *arguments: str) -> Process:
        """A command of the device."""
        said = self.folder / f"device-{time.monotonic_ns()}.log"
        return Process("sync.cli", [*arguments, "--config", str(self.folder / "sync.toml")], said)

    def office(self, *arguments: str, code: int = 0) -> str:
        """A command at the hub; what it said."""
        said = self.folder / f"office-{time.monotonic_ns()}.log"
        process = Process("sync.hub.cli", ["ca", arguments[0], str(self.ca), *arguments[1:]], said)
        with running(process):
            assert process.end() == code, process.text
        return process.text

    def enrolled(self, passed: float) -> Issued:
        """The device has a certificate of whose term so much has passed."""
        earlier = CertificateAuthority.open(self.ca, lambda: utc_now() - TERM * passed)
        issued = earlier.issue_gate(GATE)
        for source, target in ((issued.ca, "ca"), (issued.cert, "cert"), (issued.key, "key")):
            getattr(self.tls, target).write_bytes(source.read_bytes())
        return issued


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def served(place: Place) -> Iterator[Place]:
    with running(place.service):
        place.service.wait_for("enrolment on")
        yield place


def read_code(process: Process) -> str:
    process.wait_for("code of")
    found = CODE.search(process.text)
    assert found is not None
    return found[1]


def ask(place: Place, path: str, body: bytes = b"", issued: Issued | None = None) -> tuple[int, bytes]:
    """One request, with a client certificate or without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(place.ca / "ca.crt")
    if issued is not None:
        context.load_cert_chain(issued.cert, issued.key)
    connection = HTTPSConnection("localhost", place.port, timeout=5, context=context)
    with closing(connection):
        connection.request("POST", path, body)
        answer: HTTPResponse = connection.getresponse()
        return answer.status, answer.read()


def test_a_device_enrols_over_the_network_and_is_let_in_by_the_broker(served: Place) -> None:
    enrolling = served.device("enroll", "--hub", served.url, "--ca-fingerprint", served.fingerprint)
    with running(enrolling):
        code = read_code(enrolling)
        eventually(lambda: f"{SCHOOL}/{GATE}" in served.office("pending"), "the request arrives")
        assert code not in served.office("pending"), "whoever only looks at the hub cannot approve"
        served.office("approve", "AAAA-BBBB-CCCC", code=2)
        assert f"approved: {SCHOOL}/{GATE}" in served.office("approve", code)
        assert enrolling.end() == 0, enrolling.text
    assert served.tls.key.stat().st_mode & 0o777 == 0o600
    assert not list(served.ca.glob(f"{GATE}*")), "the key was never here"
    if MosquittoBroker.find() is None:
        return
    broker = Issued(served.ca / "ca.crt", served.ca / "broker.crt", served.ca / "broker.key")
    plan = BrokerPlan(
        served.folder / "b", free_port(), tls_of(broker), SCHOOL, [GATE], HUB, authority=served.ca
    )
    with MosquittoBroker(plan), connect(BrokerSettings(port=plan.port), served.tls, "gate") as link:
        link.subscribe(f"qaqpa/v1/{SCHOOL}/{GATE}/confirmed")


def test_a_device_enrols_by_a_stick_and_a_swapped_request_is_noticed(place: Place) -> None:
    stick = place.folder / "stick"
    stick.mkdir()
    asking = place.device("enroll", "--request", f"{stick}/gate.csr")
    with running(asking):
        assert asking.end() == 0, asking.text
    code = read_code(asking)
    honest = (stick / "gate.csr").read_bytes()
    files = ("--request", f"{stick}/gate.csr", "--certificate", f"{stick}/gate.pem")

    (stick / "gate.csr").write_bytes(new_request())
    assert "does not belong to this request" in place.office("approve", code, *files, code=2)
    assert not (stick / "gate.pem").exists()
    (stick / "gate.csr").write_bytes(honest)
    place.office("approve", code, *files)

    taking = place.device(
        "enroll", "--certificate", f"{stick}/gate.pem", "--ca-fingerprint", place.fingerprint
    )
    with running(taking):
        assert taking.end() == 0, taking.text
    assert str(read_certificate(place.tls.cert).subject.rfc4514_string()) == f"CN={SCHOOL}/{GATE}"


def test_a_hub_with_another_fingerprint_is_told_nothing(served: Place) -> None:
    enrolling = served.device("enroll", "--hub", served.url, "--ca-fingerprint", "ab" * 32)
    with running(enrolling):
        assert enrolling.end() == 3
    assert "fingerprint is another one" in enrolling.text
    assert not served.tls.key.exists()
    assert not list((served.ca / "pending").glob("*"))


def test_a_stranger_who_passes_on_the_true_authority_still_gets_no_request(place: Place) -> None:
    """He has its certificate, as everybody may, but no server certificate from it."""
    stranger = Place(_folder(place, "stranger"))
    with _server(stranger) as server:
        server.authority.certificate = place.authority.certificate
        hub = HubClient(f"https://localhost:{server.server_address[1]}")
        authority = hub.authority(place.fingerprint)
        with pytest.raises(SyncTerminal, match="not trusted"):
            hub.wait(new_request(), authority, Event(), lambda words: None)
    assert not (stranger.ca / "pending").exists()


def test_a_device_whose_clock_is_behind_says_so_and_goes_on_asking(tmp_path: Path) -> None:
    """A new device without a clock battery: its time comes from the network a little later."""
    place = Place(tmp_path, shift=timedelta(days=30))
    said: list[str] = []
    with _server(place) as server:
        hub, stop = HubClient(f"https://localhost:{server.server_address[1]}"), Event()

        def waiting(words: str) -> None:
            said.append(words)
            stop.set()

        assert hub.wait(new_request(), hub.authority(place.fingerprint), stop, waiting) is None
    assert "this clock is behind" in said[0]


def test_a_rejected_device_ends_and_says_so(served: Place) -> None:
    enrolling = served.device("enroll", "--hub", served.url, "--ca-fingerprint", served.fingerprint)
    with running(enrolling):
        code = read_code(enrolling)
        enrolling.wait_for("waits for approval")
        served.office("reject", code)
        assert enrolling.end() == 3
    assert "rejected" in enrolling.text
    assert not served.tls.cert.exists()


def test_the_publisher_renews_its_certificate_by_itself_while_it_has_no_broker(served: Place) -> None:
    served.enrolled(passed=0.7)
    before = read_certificate(served.tls.cert)
    publisher = served.device("run")
    with running(publisher):
        publisher.wait_for("the certificate is renewed")
        assert publisher.stop() == 0
    after = read_certificate(served.tls.cert)
    assert after.public_key() == before.public_key()
    assert after.not_valid_after_utc > before.not_valid_after_utc
    assert not list(served.folder.glob("*.new"))


def test_a_person_renews_by_hand_and_a_revoked_device_cannot(served: Place) -> None:
    served.enrolled(passed=0.6)
    renewing = served.device("renew")
    with running(renewing):
        assert renewing.end() == 0, renewing.text
    assert "certificate valid until" in renewing.text
    assert "newly on the list: 2" in served.office("revoke", str(GATE))
    assert served.office("list").count("revoked") == 2
    again = served.device("renew")
    with running(again):
        assert again.end() == 3
    assert "revoked" in again.text


def test_nobody_renews_without_the_key_of_a_certificate_that_lives(served: Place) -> None:
    assert ask(served, "/renewals")[0] == 401
    expired = served.enrolled(passed=1.1)
    stranger = Place(_folder(served, "stranger")).enrolled(passed=0.7)
    for issued, why in ((expired, "EXPIRED"), (stranger, "UNKNOWN_CA|DECRYPT_ERROR")):
        tls = TlsSettings(ca=served.ca / "ca.crt", cert=issued.cert, key=issued.key)
        with pytest.raises(SyncTerminal, match=f"the hub refuses this certificate.*({why})"):
            HubClient(served.url).renew(tls)


def test_dawdlers_and_nonsense_do_not_stop_the_service(served: Place) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(socket.create_connection(("localhost", served.port)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(served.ca / "ca.crt")
        raw = socket.create_connection(("localhost", served.port))
        half = stack.enter_context(context.wrap_socket(raw, server_hostname="localhost"))
        half.sendall(b"POST /requests HTTP/1.0\r\nContent-Length: 100\r\n\r\n")
        time.sleep(0.2)
        assert ask(served, "/requests", b"nonsense")[0] == 400
        assert ask(served, "/requests", b"x" * (MAX_REQUEST_BYTES + 1))[0] == 413
        assert ask(served, "/requests")[0] == 413
        assert ask(served, "/ca.key")[0] == 404
        assert ask(served, "/requests", new_request())[0] == 202
    assert "Traceback" not in served.service.text
    assert "nonsense" not in served.service.text


def test_an_address_that_asks_without_end_is_hung_up_on(served: Place) -> None:
    for _ in range(61):
        socket.create_connection(("localhost", served.port)).close()
    with pytest.raises(OSError, match=r"EOF|reset"):
        ask(served, "/requests", new_request())


def test_the_service_speaks_tls_1_3_only(served: Place) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(served.ca / "ca.crt")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("localhost", served.port)) as raw,
        pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"),
    ):
        context.wrap_socket(raw, server_hostname="localhost")


@contextmanager
def _server(place: Place) -> Iterator[EnrolmentServer]:
    server, stop = EnrolmentServer(place.ca, "127.0.0.1", 0), Event()
    thread = Thread(target=server.serve, args=(stop,))
    thread.start()
    try:
        yield server
    finally:
        stop.set()
        thread.join()


def _folder(place: Place, name: str) -> Path:
    made = place.folder / name
    made.mkdir()
    return made
