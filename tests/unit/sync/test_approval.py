"""Who gets a certificate, who may renew it, and whom a revocation reaches."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from edge.domain.ids import Slug
from edge.errors import ConfigError
from sync.hub import pending
from sync.hub.approval import Approval, RenewalRefused
from sync.hub.ca import TERM, CertificateAuthority
from sync.hub.pending import Verdict
from sync.hub.rate import RateLimit
from sync.identity import Identity, RequestError, read_request, write_request
from tests.unit.sync.events import GATE, SCHOOL


class Office:
    """An authority whose clock the test sets, and devices that ask it."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime.now(UTC)
        self.folder = folder
        self.authority = CertificateAuthority.create(folder, SCHOOL, lambda: self.now)
        self.approval = Approval(folder, self.authority)

    def ask(self, request: bytes) -> x509.Certificate | Verdict:
        return self.approval.ask(request, self.now)

    def approve(self, request: bytes, *, replace: bool = False) -> x509.Certificate:
        found = self.approval.pending.find(read_request(request).code, self.now)
        return self.approval.approve(found, self.now, replace=replace)

    def renew(self, certificate: x509.Certificate) -> x509.Certificate:
        return self.approval.renew(certificate, self.now)

    def enrolled(self, request: bytes) -> x509.Certificate:
        self.ask(request)
        return self.approve(request)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "ca")


def device(gate: Slug = GATE, school: Slug = SCHOOL) -> bytes:
    return write_request(Identity(school, gate), ec.generate_private_key(ec.SECP256R1()))


def test_nobody_gets_a_certificate_before_a_person_says_so(office: Office) -> None:
    request, stranger = device(), device()
    assert office.ask(request) is office.ask(stranger) is Verdict.WAITING
    issued = office.approve(request)
    assert office.ask(request) == issued
    assert office.ask(stranger) is Verdict.WAITING, "the other key with the same name is not approved"


def test_a_second_device_does_not_slip_in_under_a_living_name(office: Office) -> None:
    first, second = device(), device()
    old = office.enrolled(first)
    office.ask(second)
    with pytest.raises(ConfigError, match="has a certificate already"):
        office.approve(second)
    new = office.approve(second, replace=True)
    revoked = office.authority.register.revoked()
    assert old.serial_number in revoked
    assert new.serial_number not in revoked
    assert office.ask(first) is Verdict.WAITING, "the old device must ask a person again"


def test_a_rejected_device_is_told_so_and_cannot_be_approved_by_mistake(office: Office) -> None:
    request = device()
    office.ask(request)
    office.approval.pending.reject(read_request(request).code, office.now)
    assert office.ask(request) is Verdict.REJECTED
    with pytest.raises(ConfigError, match="no request waits"):
        office.approve(request)


def test_a_request_is_forgotten_after_an_hour_also_when_the_clock_was_put_back(office: Office) -> None:
    for shift in (timedelta(minutes=90), timedelta(minutes=-90)):
        request = device()
        office.ask(request)
        assert office.approval.pending.waiting(office.now)
        assert office.approval.pending.waiting(office.now + shift) == []
        with pytest.raises(ConfigError, match="no request waits"):
            office.approve(request)


def test_strangers_cannot_fill_the_disk_with_requests(office: Office) -> None:
    answers = [office.ask(device()) for _ in range(pending.MOST + 3)]
    assert answers.count(Verdict.WAITING) == pending.MOST
    assert answers.count(Verdict.TOO_MANY) == 3
    assert len(list((office.folder / "pending").iterdir())) == pending.MOST


def test_a_request_that_was_swapped_on_the_hubs_disk_does_not_answer_to_the_code(office: Office) -> None:
    request, stranger = device(), device()
    office.ask(request)
    (office.folder / "pending" / f"{read_request(request).code}.csr").write_bytes(stranger)
    with pytest.raises(ConfigError, match="no request waits"):
        office.approve(request)


@pytest.mark.parametrize("name", ["hub", "broker", "ca"])
def test_no_device_can_ask_to_be_the_hub(office: Office, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be the name of a gate"):
        office.ask(device(Slug(name)))


def test_a_device_of_another_school_is_turned_away(office: Office) -> None:
    with pytest.raises(ConfigError, match="school-8"):
        office.ask(device(school=Slug("school-8")))
    with pytest.raises(RequestError):
        office.ask(b"nonsense")


def test_a_device_renews_by_itself_and_an_eager_one_fills_no_register(office: Office) -> None:
    old = office.enrolled(device())
    assert office.renew(old) == old
    office.now += TERM * 0.7
    new = office.renew(old)
    assert new.public_key() == old.public_key()
    assert new.subject == old.subject
    assert new.not_valid_after_utc > old.not_valid_after_utc
    assert office.renew(old) == office.renew(new) == new
    assert len(office.authority.register.entries()) == 2


def test_a_revoked_device_cannot_renew_with_any_of_its_certificates(office: Office) -> None:
    old = office.enrolled(device())
    office.now += TERM * 0.7
    new = office.renew(old)
    assert office.authority.revoke("school-7/main") == 2
    for certificate in (old, new):
        with pytest.raises(RenewalRefused, match="revoked"):
            office.renew(certificate)


def test_neither_an_expired_nor_a_foreign_nor_the_hubs_certificate_is_renewed(
    office: Office, tmp_path: Path
) -> None:
    foreign = Office(tmp_path / "foreign").enrolled(device())
    with pytest.raises(RenewalRefused, match="not issued here"):
        office.renew(foreign)
    hub = x509.load_pem_x509_certificate(office.authority.issue_hub().cert.read_bytes())
    with pytest.raises(RenewalRefused, match="not a gate's"):
        office.renew(hub)
    mine = office.enrolled(device())
    office.now += TERM + timedelta(days=1)
    with pytest.raises(RenewalRefused, match="expired"):
        office.renew(mine)


def test_the_revocation_list_lives_as_long_as_the_authority_and_keeps_what_is_on_it(office: Office) -> None:
    for gate in ("main", "yard"):
        office.enrolled(device(Slug(gate)))
        office.authority.revoke(f"school-7/{gate}")
    crl = x509.load_pem_x509_crl((office.folder / "ca.crl").read_bytes())
    assert len(list(crl)) == 2
    assert crl.next_update_utc == office.authority.certificate.not_valid_after_utc
    assert crl.is_signature_valid(office.authority.certificate.public_key())  # type: ignore[arg-type]


def test_no_certificate_outlives_the_authority(office: Office) -> None:
    office.now = office.authority.certificate.not_valid_after_utc - timedelta(days=3)
    issued = office.authority.certify(read_request(device()))
    assert issued.not_valid_after_utc == office.authority.certificate.not_valid_after_utc


def test_the_hub_and_the_broker_get_another_term_for_the_same_key_and_names(office: Office) -> None:
    before = office.authority.issue_broker(["hub.school.example"])
    old = x509.load_pem_x509_certificate(before.cert.read_bytes())
    office.now += TERM * 0.9
    new = office.authority.renew_own("broker")
    assert before.cert.read_bytes() == new.public_bytes(Encoding.PEM)
    assert new.public_key() == old.public_key()
    kind = x509.SubjectAlternativeName
    assert new.extensions.get_extension_for_class(kind) == old.extensions.get_extension_for_class(kind)
    assert new.not_valid_after_utc > old.not_valid_after_utc


def test_an_authority_of_another_account_is_not_written_to(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: office.folder.stat().st_uid + 1)
    with pytest.raises(ConfigError, match="another account's"):
        office.enrolled(device())


def test_one_address_is_slowed_down_without_slowing_another_and_only_for_a_while() -> None:
    now = 0.0
    rate = RateLimit(3, 60.0, lambda: now)
    assert [rate.allows("a") for _ in range(5)] == [True, True, True, False, False]
    assert rate.allows("b")
    now = 60.0
    assert rate.allows("a")
