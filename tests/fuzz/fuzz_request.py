"""Fuzz target: whatever a device hands in is the request that its key signed, or refused with a reason.

Run: python -m tests.fuzz.fuzz_request [atheris options]
"""

import base64

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from edge.domain.ids import Slug
from sync.identity import Identity, RequestError, name, read_request, write_request

KEY = ec.derive_private_key(7, ec.SECP256R1())
IDENTITY = Identity(Slug("school-7"), Slug("main"))


def _request(subject: x509.Name, key: ec.EllipticCurvePrivateKey = KEY, *, extra: bool = False) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if extra:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


_PEMS = (
    write_request(IDENTITY, KEY),
    _request(name("school-7/main"), extra=True),
    _request(name("school-7/+")),
    _request(name("hub")),
    _request(x509.Name([])),
    _request(name("school-7/main"), ec.derive_private_key(7, ec.SECP384R1())),
    x509.CertificateSigningRequestBuilder()
    .subject_name(name("school-7/main"))
    .sign(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)), None)
    .public_bytes(Encoding.PEM),
    b"",
)
_BEGIN, _END = b"-----BEGIN CERTIFICATE REQUEST-----\n", b"-----END CERTIFICATE REQUEST-----\n"
_DER = tuple(base64.b64decode(b"".join(pem.splitlines()[1:-1])) for pem in _PEMS)
_OF_VERSION_17 = _DER[0].replace(b"\x02\x01\x00", b"\x02\x01\x10", 1)  # found by fuzzing
SEEDS = (*_PEMS, *_DER, _OF_VERSION_17)


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name that atheris documents
    """As it came, and wrapped, so that damage reaches the parser behind the text form."""
    for pem in (data, _BEGIN + base64.encodebytes(data) + _END):
        try:
            request = read_request(pem)
        except RequestError:
            continue
        assert (request.identity, request.key) == (IDENTITY, KEY.public_key())
        assert len(request.code) == 12


if __name__ == "__main__":
    from tests.fuzz.run import fuzz

    fuzz(TestOneInput, SEEDS)
