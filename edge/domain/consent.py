"""The consent record, with every field that article 8 of law 94-V asks for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from edge.domain.ids import ChildId

LONGEST_TERM = timedelta(days=366)


class Purpose(StrEnum):
    """What a guardian may agree to, each on its own."""

    ACCESS = "access"
    ATTENDANCE = "attendance"
    MEALS = "meals"
    LIBRARY = "library"
    DISPLAY_BOARD = "display_board"
    MARKETING = "marketing"


class Channel(StrEnum):
    """How the consent was given; use of a service is never one of them."""

    PAPER = "paper"
    SMS_CODE = "sms_code"
    KIOSK = "kiosk"


class DataCategory(StrEnum):
    """What is held about the child, and about the guardian who consents."""

    NAME = "name"
    IIN = "iin"
    BIRTH_DATE = "birth_date"
    STUDENT_NUMBER = "student_number"
    CONTACTS = "contacts"
    FACE_TEMPLATE = "face_template"
    ATTENDANCE_EVENTS = "attendance_events"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who processes the data."""

    name: str
    bin: str

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("operator name is empty")
        if len(self.bin) != 12 or not self.bin.isdigit():
            raise ValueError("operator BIN is not 12 digits")


@dataclass(frozen=True, slots=True)
class Consent:
    """One guardian's consent for one child. Raises ValueError naming the field that is wrong.

    `third_parties`, `cross_border` and `published` are what the guardian was told; `evidence_sha256` is
    the hash of the signed paper's scan or of the message exchange, `wording_sha256` of the text shown.
    `edition` is the place, in the school's order of adoption, of the newest edition that the guardian was
    shown; None: before any. The vault derives `suspended`: a wider edition was adopted since.
    """

    id: str
    child: ChildId
    guardian_id: str
    operator: Operator
    purposes: frozenset[Purpose]
    data: frozenset[DataCategory]
    given_at: datetime
    expires_at: datetime
    channel: Channel
    evidence_sha256: str
    wording_sha256: str
    third_parties: tuple[str, ...] = ()
    cross_border: bool = False
    published: bool = False
    withdrawn_at: datetime | None = field(default=None)
    edition: int | None = None
    suspended: bool = False

    def __post_init__(self) -> None:
        for name in ("id", "guardian_id"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} is empty")
        if not self.purposes:
            raise ValueError("purposes is empty")
        if Purpose.MARKETING in self.purposes and len(self.purposes) > 1:
            raise ValueError("purposes: marketing needs a consent of its own")
        if not self.data:
            raise ValueError("data is empty")
        for name in ("evidence_sha256", "wording_sha256"):
            value = getattr(self, name)
            if len(value) != 64 or set(value) - set("0123456789abcdef"):
                raise ValueError(f"{name} is not a SHA-256 in hex")
        self._check_times()

    def _check_times(self) -> None:
        for name in ("given_at", "expires_at", "withdrawn_at"):
            value = getattr(self, name)
            if value is not None and value.tzinfo is None:
                raise ValueError(f"{name} has no time zone")
        if self.expires_at <= self.given_at:
            raise ValueError("expires_at is not after given_at")
        if self.expires_at - self.given_at > LONGEST_TERM:
            raise ValueError("expires_at is more than 366 days after given_at")
        if self.withdrawn_at is not None and self.withdrawn_at < self.given_at:
            raise ValueError("withdrawn_at is before given_at")
