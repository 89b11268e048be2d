"""Fuzz target: whatever a QR code says, it is a pass that this school signed or a refusal with its reason.

Run: python -m tests.fuzz.fuzz_qr_pass [atheris options]
"""

from dataclasses import replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.credentials import base45
from edge.credentials.qr_pass import PREFIX, QrPass, sign, verify
from edge.domain.credentials import Refusal
from edge.domain.ids import ChildId, Slug

SCHOOL = Slug("school-7")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
PASS = QrPass(SCHOOL, ChildId("0123456789abcdef" * 2), 7, datetime(2027, 5, 25, 19, 0, tzinfo=UTC))
SEEDS = (
    sign(PASS, KEY).encode(),
    sign(replace(PASS, issue=2**32 - 1, school=Slug("s" * 40)), KEY).encode(),
    sign(replace(PASS, expires=NOW), KEY).encode(),
    sign(replace(PASS, school=Slug("school-8")), KEY).encode(),
    sign(PASS, Ed25519PrivateKey.from_private_bytes(bytes(32))).encode(),
    base45.decode(sign(PASS, KEY).removeprefix(PREFIX)),
    b"QQ2:ABCDEF",
    b"https://school.example/timetable",
    b"",
)
_KNOWN = {sign(PASS, KEY)}
_KEY = KEY.public_key()


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name that atheris documents
    """As text, as damaged text, and as the bytes that a pass carries."""
    for text in (data.decode("latin-1"), data.decode("utf-8", "replace"), PREFIX + base45.encode(data)):
        answer = verify(text, _KEY, SCHOOL, NOW)
        assert isinstance(answer, Refusal) or text in _KNOWN


if __name__ == "__main__":
    from tests.fuzz.run import fuzz

    fuzz(TestOneInput, SEEDS)
