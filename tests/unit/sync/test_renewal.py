"""When a device renews, what it says when it cannot, and what it takes for its certificate."""

from pathlib import Path

import pytest
import structlog.testing
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.errors import ConfigError, SyncTerminal
from sync.enrol import Device, HubClient, read_bundle
from sync.hub.ca import TERM, CertificateAuthority, Issued
from sync.identity import Identity, fingerprint, read_request, utc_now
from sync.renewal import Renewal
from sync.settings import PublisherSettings, RenewalSettings, TlsSettings
from tests.unit.sync.events import GATE, SCHOOL

NOBODY = "https://localhost:1"


def settings(issued: Issued, hub: str | None = NOBODY) -> PublisherSettings:
    return PublisherSettings(
        school=SCHOOL,
        gate=GATE,
        outbox=Path("/nowhere"),
        tls=TlsSettings(ca=issued.ca, cert=issued.cert, key=issued.key),
        renewal=None if hub is None else RenewalSettings(hub=hub),
    )


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    return CertificateAuthority.create(tmp_path / "ca", SCHOOL).issue_gate(GATE)


@pytest.mark.parametrize(
    ("passed", "level"), [(0.5, None), (0.7, "warning"), (0.9, "error"), (1.1, "error"), (-0.1, "warning")]
)
def test_a_device_asks_in_the_last_third_and_alarms_in_the_last_sixth(
    issued: Issued, passed: float, level: str | None
) -> None:
    """Also with a clock that is far behind, where it only says so."""
    with structlog.testing.capture_logs() as said:
        Renewal(settings(issued), lambda: utc_now() + TERM * passed).check()
    assert [each["log_level"] for each in said] == ([] if level is None else [level])
    if passed < 0:
        assert "clock is behind" in said[0]["event"]


def test_a_gate_without_enrolment_service_is_told_before_its_certificate_ends(issued: Issued) -> None:
    with structlog.testing.capture_logs() as said:
        Renewal(settings(issued, None), lambda: utc_now() + TERM * 0.7).check()
    assert "[renewal]" in said[0]["problem"]


def test_an_unreadable_certificate_is_an_alarm_and_not_the_end(tmp_path: Path) -> None:
    nothing = Issued(tmp_path / "ca.crt", tmp_path / "gate.crt", tmp_path / "gate.key")
    with structlog.testing.capture_logs() as said:
        Renewal(settings(nothing)).check()
    assert [each["log_level"] for each in said] == ["error"]


@pytest.fixture
def device(tmp_path: Path) -> Device:
    files = TlsSettings(ca=tmp_path / "ca.pem", cert=tmp_path / "gate.pem", key=tmp_path / "gate.key")
    return Device(Identity(SCHOOL, GATE), files)


def test_a_device_keeps_its_key_and_takes_only_a_certificate_for_it(device: Device, tmp_path: Path) -> None:
    authority = CertificateAuthority.create(tmp_path / "ca", SCHOOL)
    other = CertificateAuthority.create(tmp_path / "other", SCHOOL)
    request = read_request(device.request())
    assert read_request(device.request()).code == request.code, "asking again makes no other key"
    foreign_key = x509.load_pem_x509_certificate(authority.issue_gate(GATE).cert.read_bytes())
    with pytest.raises(SyncTerminal, match="another device or key"):
        device.accept(foreign_key, authority.certificate)
    with pytest.raises(SyncTerminal, match="not of this authority"):
        device.accept(other.certify(request), authority.certificate)
    assert not device.tls.cert.exists()
    assert not device.tls.ca.exists()
    device.accept(authority.certify(request), authority.certificate)
    assert device.tls.cert.exists()
    assert device.tls.key.stat().st_mode & 0o777 == 0o600


def test_a_stick_with_another_authority_is_noticed(device: Device, tmp_path: Path) -> None:
    ours, swapped = (CertificateAuthority.create(tmp_path / name, SCHOOL) for name in ("ours", "swapped"))
    request = read_request(device.request())
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(_pem(swapped.certify(request)) + _pem(swapped.certificate))
    with pytest.raises(SyncTerminal, match="fingerprint"):
        read_bundle(bundle, fingerprint(ours.certificate))
    assert read_bundle(bundle, fingerprint(swapped.certificate)[:32])
    bundle.write_bytes(_pem(swapped.certificate))
    with pytest.raises(ConfigError, match="two certificates"):
        read_bundle(bundle, fingerprint(swapped.certificate))


@pytest.mark.parametrize(
    "url", ["http://hub:8091", "https://hub", "hub:8091", "https://hub:x", "https://hub:1/a"]
)
def test_an_address_without_tls_or_port_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="https://HOST:PORT"):
        HubClient(url)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
