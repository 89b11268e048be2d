"""The revocation list: serial numbers for the broker, names for the hub, and nothing that it did not sign."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from edge.domain.ids import Slug
from edge.errors import ConfigError
from sync.hub import revocation
from sync.hub.ca import CertificateAuthority
from sync.hub.revocation import RevokedNames
from sync.identity import LONGEST_NAME, Identity, Request
from tests.unit.sync.events import GATE, SCHOOL

YARD = Slug("yard")


@pytest.fixture
def authority(tmp_path: Path) -> CertificateAuthority:
    return CertificateAuthority.create(tmp_path / "ca", SCHOOL)


def names(authority: CertificateAuthority) -> set[str]:
    return set(RevokedNames(authority.register.crl, authority.register.crl.with_name("ca.crt")).now().out)


def enrol(authority: CertificateAuthority, gate: Slug, school: Slug = SCHOOL) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    with authority.register.lock():
        authority.certify(Request(Identity(school, gate), key.public_key()))


def test_a_name_is_out_from_its_revocation_until_another_device_has_it(
    authority: CertificateAuthority,
) -> None:
    for gate in (GATE, YARD):
        enrol(authority, gate)
    assert names(authority) == set()
    authority.revoke(f"{SCHOOL}/{GATE}")
    assert names(authority) == {f"{SCHOOL}/{GATE}"}
    authority.revoke(f"{SCHOOL}/{YARD}")
    enrol(authority, GATE)
    assert names(authority) == {f"{SCHOOL}/{YARD}"}
    assert len(authority.register.revoked()) == 2, "what was revoked stays revoked for the broker"
    authority.revoke(f"{SCHOOL}/{GATE}")
    assert names(authority) == {f"{SCHOOL}/{GATE}", f"{SCHOOL}/{YARD}"}


def test_the_list_tells_when_a_name_was_last_revoked_also_when_it_is_back(tmp_path: Path) -> None:
    clock = [datetime(2026, 9, 1, tzinfo=UTC)]
    authority = CertificateAuthority.create(tmp_path / "ca", SCHOOL, lambda: clock[0])
    known = RevokedNames(authority.register.crl, tmp_path / "ca" / "ca.crt")
    for day in (2, 3):
        enrol(authority, GATE)
        clock[0] = datetime(2026, 9, day, tzinfo=UTC)
        authority.revoke(f"{SCHOOL}/{GATE}")
    enrol(authority, GATE)
    assert known.now() == revocation.Revocations(frozenset(), {f"{SCHOOL}/{GATE}": clock[0]})
    enrol(authority, YARD)
    assert set(known.now().last) == {f"{SCHOOL}/{GATE}"}


def test_a_device_that_was_given_two_certificates_loses_both(authority: CertificateAuthority) -> None:
    for _ in range(2):
        enrol(authority, GATE)
    assert authority.revoke(f"{SCHOOL}/{GATE}") == 2
    assert names(authority) == {f"{SCHOOL}/{GATE}"}


def test_the_longest_name_fits(tmp_path: Path) -> None:
    school, gate = Slug("s" * 31), Slug("g" * 32)
    district = CertificateAuthority.create(tmp_path / "ca", Slug("almaty"), district=True)
    enrol(district, gate, school)
    district.revoke(f"{school}/{gate}")
    assert names(district) == {f"{school}/{gate}"}
    assert len(f"{school}/{gate}") == LONGEST_NAME


def test_a_list_without_names_as_earlier_versions_wrote_it_puts_nobody_out(
    authority: CertificateAuthority,
) -> None:
    old = [revocation.Revoked(5, datetime(2026, 1, 1, tzinfo=UTC), None, back=False)]
    pem = revocation.write(old, authority.certificate, authority._key, datetime.now(UTC))
    authority.register.crl.write_bytes(pem)
    assert names(authority) == set()
    assert set(authority.register.revoked()) == {5}


def test_a_replaced_list_counts_at_once_and_a_foreign_one_never(
    authority: CertificateAuthority, tmp_path: Path
) -> None:
    enrol(authority, GATE)
    crl = authority.register.crl
    known = RevokedNames(crl, crl.with_name("ca.crt"))
    authority.revoke(f"{SCHOOL}/{GATE}")
    assert known.now().out == {f"{SCHOOL}/{GATE}"}
    crl.write_bytes(CertificateAuthority.create(tmp_path / "other", SCHOOL).register.crl.read_bytes())
    assert known.now().out == {f"{SCHOOL}/{GATE}"}
    crl.unlink()
    assert known.now().out == {f"{SCHOOL}/{GATE}"}
    with pytest.raises(ConfigError, match=r"Copy ca\.crl"):
        RevokedNames(crl, crl.with_name("ca.crt"))
