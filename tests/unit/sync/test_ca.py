"""Certificates: what the CA issues is accepted, limited and never overwritten."""

import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from edge.domain.ids import Slug
from edge.errors import ConfigError, SyncTerminal
from sync.hub.ca import CertificateAuthority, Issued
from sync.settings import TlsSettings
from sync.tls import client_context
from tests.unit.sync.events import GATE, SCHOOL


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    return CertificateAuthority.create(tmp_path / "ca", SCHOOL)


def certificate(issued: Issued) -> x509.Certificate:
    return x509.load_pem_x509_certificate(issued.cert.read_bytes())


def test_a_gates_certificate_carries_school_and_gate_only_and_serves_clients_only(
    authority: CertificateAuthority,
) -> None:
    made = certificate(authority.issue_gate(GATE))
    assert made.subject == x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "school-7/main")])
    usage = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_brokers_certificate_passes_the_strict_check_of_a_web_browser(
    authority: CertificateAuthority,
) -> None:
    issued = authority.issue_broker(["hub.school.example", "192.0.2.7"])
    root = x509.load_pem_x509_certificate(issued.ca.read_bytes())
    builder = PolicyBuilder().store(Store([root])).time(datetime.now(UTC))
    for subject in ("localhost", "hub.school.example"):
        builder.build_server_verifier(x509.DNSName(subject)).verify(certificate(issued), [])
    address = x509.IPAddress(ip_address("192.0.2.7"))
    builder.build_server_verifier(address).verify(certificate(issued), [])


def test_a_districts_authority_certifies_gates_of_all_schools_and_a_schools_does_not(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    made = CertificateAuthority.create(tmp_path / "district", Slug("almaty"), district=True)
    district = CertificateAuthority.open(tmp_path / "district")
    assert (district.school, district.district, authority.district) == (made.school, True, False)
    names = [
        certificate(district.issue_gate(GATE, Slug(school))).subject for school in ("school-7", "school-8")
    ]
    assert [each.rfc4514_string() for each in names] == ["CN=school-7/main", "CN=school-8/main"]
    assert certificate(district.issue_hub()).subject.rfc4514_string() == "CN=almaty/hub"
    with pytest.raises(ConfigError, match="says it is of school-8"):
        authority.issue_gate(GATE, Slug("school-8"))
    with pytest.raises(ConfigError, match="cannot be the name"):
        district.issue_gate(Slug("hub"), Slug("school-8"))


def test_the_nodes_of_a_cluster_still_know_each_other_after_their_certificate_is_renewed(
    tmp_path: Path,
) -> None:
    district = CertificateAuthority.create(tmp_path / "district", Slug("almaty"), district=True)
    issued = district.issue_broker(["mq1.example"])
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    for made in (certificate(issued), district.renew_own("broker")):
        assert list(made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == both


def test_a_certificate_runs_out(authority: CertificateAuthority) -> None:
    made = certificate(authority.issue_hub())
    assert made.not_valid_before_utc < datetime.now(UTC)
    assert made.not_valid_after_utc < datetime.now(UTC) + timedelta(days=731)


def test_keys_are_for_their_owner_only(authority: CertificateAuthority, tmp_path: Path) -> None:
    issued = authority.issue_gate(GATE)
    for path in (issued.key, tmp_path / "ca" / "ca.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_overwritten(authority: CertificateAuthority, tmp_path: Path) -> None:
    authority.issue_gate(GATE)
    with pytest.raises(ConfigError, match="exists already"):
        authority.issue_gate(GATE)
    with pytest.raises(ConfigError, match="exists already"):
        CertificateAuthority.create(tmp_path / "ca", SCHOOL)


@pytest.mark.parametrize("name", ["hub", "broker", "ca"])
def test_a_gate_cannot_take_the_hubs_rights_by_its_name(authority: CertificateAuthority, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be the name of a gate"):
        authority.issue_gate(Slug(name))


def test_an_authority_can_be_opened_again_and_a_missing_one_is_named(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    assert CertificateAuthority.open(tmp_path / "ca").issue_gate(GATE).cert.exists()
    with pytest.raises(ConfigError, match="ca init"):
        CertificateAuthority.open(tmp_path / "nowhere")


def test_a_key_that_does_not_belong_to_the_certificate_stops_the_start(
    authority: CertificateAuthority,
) -> None:
    hub, gate = authority.issue_hub(), authority.issue_gate(GATE)
    with pytest.raises(SyncTerminal, match="certificate files"):
        client_context(TlsSettings(ca=hub.ca, cert=hub.cert, key=gate.key))
    with pytest.raises(SyncTerminal, match="certificate files"):
        client_context(TlsSettings(ca=hub.ca, cert=hub.cert.with_name("none.crt"), key=gate.key))
