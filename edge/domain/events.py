"""What leaves the device: attendance events, and nothing that could be a biometric."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from edge.domain.ids import ChildId, Slug


class Direction(StrEnum):
    """Seen from the school building."""

    IN = "in"
    OUT = "out"


class Method(StrEnum):
    """How the person was let in, or tried to be."""

    FACE = "face"
    CARD = "card"
    QR = "qr"
    MANUAL = "manual"


class Kind(StrEnum):
    """What happened at the gate."""

    PASSED = "passed"
    REFUSED = "refused"
    GRANTED_NOT_PASSED = "granted_not_passed"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class AttendanceEvent:
    """One fact about one access point; `child` is None where nobody was identified."""

    id: UUID
    school: Slug
    gate: Slug
    child: ChildId | None
    direction: Direction
    occurred: datetime
    clock_synchronised: bool
    method: Method
    kind: Kind

    def __post_init__(self) -> None:
        if self.occurred.tzinfo is None:
            raise ValueError("occurred has no time zone")
        if self.kind is Kind.PASSED and self.child is None:
            raise ValueError("a passage needs a child")
