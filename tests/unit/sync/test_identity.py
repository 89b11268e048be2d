"""The code that two people compare, the name in a request, and fingerprints as people type them."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from edge.domain.ids import Slug
from edge.errors import ConfigError
from sync.identity import (
    Identity,
    Request,
    RequestError,
    name,
    public_bytes,
    read_code,
    read_fingerprint,
    read_request,
    write_request,
)

GATE = Identity(Slug("school-7"), Slug("main"))


def test_a_swapped_key_or_name_shows_in_the_code() -> None:
    key, stranger = (ec.derive_private_key(number, ec.SECP256R1()).public_key() for number in (1, 2))
    codes = {
        Request(GATE, key).code,
        Request(GATE, stranger).code,
        Request(Identity(Slug("school-7"), Slug("yard")), key).code,
        Request(Identity(Slug("school-8"), Slug("main")), key).code,
    }
    assert len(codes) == 4


def test_the_hub_reads_the_same_code_that_the_device_shows() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    request = read_request(write_request(GATE, key))
    assert request == Request(GATE, key.public_key())
    assert read_code(f" {request.spoken.lower()} ") == request.code


@pytest.mark.parametrize("text", ["", "ABCD-EFGH-IJK", "ABCD-EFGH-IJK1", "ABCD-EFGH-IJKL-M", "../../ca.key"])
def test_what_is_no_code_is_not_looked_up(text: str) -> None:
    with pytest.raises(ConfigError, match="not a code"):
        read_code(text)


@pytest.mark.parametrize("common", ["main", "school-7/main/x", "school-7/+", "school-7/#", "/main", "a/B"])
def test_a_name_that_would_mean_other_topics_is_refused(common: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(name(common))
    with pytest.raises(RequestError, match="common name"):
        read_request(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))


def test_a_request_that_another_key_signed_is_refused() -> None:
    """Whoever holds only the public key of a device cannot ask in its name."""
    stranger, victim = (ec.derive_private_key(number, ec.SECP256R1()) for number in (1, 2))
    der = x509.load_pem_x509_csr(write_request(GATE, stranger)).public_bytes(Encoding.DER)
    forged = der.replace(public_bytes(stranger.public_key()), public_bytes(victim.public_key()))
    assert forged != der
    with pytest.raises(RequestError, match="not signed by its own key"):
        read_request(x509.load_der_x509_csr(forged).public_bytes(Encoding.PEM))


def test_names_too_long_for_a_certificate_are_refused_before_anything_is_made() -> None:
    with pytest.raises(ConfigError, match="too long"):
        Identity(Slug("s" * 40), Slug("g" * 40))


def test_a_fingerprint_may_be_typed_as_openssl_prints_it_but_not_too_short() -> None:
    assert read_fingerprint(":".join(["AB"] * 32)) == "ab" * 32
    assert read_fingerprint("ab" * 16) == "ab" * 16
    for text in ("ab" * 15, "xy" * 16, "ab" * 33):
        with pytest.raises(ConfigError, match="not a fingerprint"):
            read_fingerprint(text)
