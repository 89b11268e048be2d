"""Passes, keys and readings that several tests of credentials use."""

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.credentials.qr_pass import QrPass, sign
from edge.domain.credentials import Holder, HolderKind
from edge.domain.ids import Slug
from tests.builders import NOW, child_id

SCHOOL = Slug("school-7")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ENDS = datetime(2027, 5, 25, 19, 0, tzinfo=UTC)
MORNING = NOW
LATER = ENDS + timedelta(seconds=1)


def pupil(number: int = 1) -> Holder:
    return Holder(HolderKind.CHILD, child_id(number))


def made(number: int = 1, **changes: object) -> QrPass:
    fields: dict[str, object] = {"school": SCHOOL, "holder": child_id(number), "issue": 1, "expires": ENDS}
    return QrPass(**{**fields, **changes})  # type: ignore[arg-type] # one builder for every field


def text(number: int = 1, **changes: object) -> str:
    return sign(made(number, **changes), KEY)
