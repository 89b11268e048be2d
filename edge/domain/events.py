"""What leaves the device: attendance events, and nothing that could be a biometric."""

import math
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
class Uptime:
    """A moment by the clock that nobody sets: `seconds` since the device's boot of the random id `boot`."""

    boot: UUID
    seconds: float

    def __post_init__(self) -> None:
        if not 0 <= self.seconds < math.inf:
            raise ValueError("seconds since a boot are neither negative nor infinite")


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: the time of day, whether it was set by then, and the uptime beside it."""

    occurred: datetime
    clock_synchronised: bool
    uptime: Uptime | None = None


@dataclass(frozen=True, slots=True)
class AttendanceEvent:
    """One fact about one access point.

    `child` is None where nobody was identified, `uptime` where an older version wrote the event down.
    """

    id: UUID
    school: Slug
    gate: Slug
    child: ChildId | None
    direction: Direction
    occurred: datetime
    clock_synchronised: bool
    method: Method
    kind: Kind
    uptime: Uptime | None = None

    def __post_init__(self) -> None:
        if self.occurred.tzinfo is None:
            raise ValueError("occurred has no time zone")
        if self.kind is Kind.PASSED and self.child is None:
            raise ValueError("a passage needs a child")
