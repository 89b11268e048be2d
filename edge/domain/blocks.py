"""What keeps a consent from being used: objections, and restrictions while the data are checked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edge.domain.ids import ChildId


class Asker(StrEnum):
    """Who may ask for a restriction."""

    GUARDIAN = "guardian"
    CHILD = "child"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Objection:
    """Somebody does not want this child's face to be used; `guardian_id` is None where it is the child.

    It holds until whoever raised it takes it back. Raises ValueError naming the field that is wrong.
    """

    id: str
    child: ChildId
    guardian_id: str | None
    raised_at: datetime
    lifted_at: datetime | None = None

    def __post_init__(self) -> None:
        _check_times(self.raised_at, self.lifted_at)


@dataclass(frozen=True, slots=True)
class Restriction:
    """The child's data are not used while somebody checks them; a person lifts it. Raises ValueError."""

    id: str
    child: ChildId
    asked_by: Asker
    raised_at: datetime
    lifted_at: datetime | None = None

    def __post_init__(self) -> None:
        _check_times(self.raised_at, self.lifted_at)


def _check_times(raised_at: datetime, lifted_at: datetime | None) -> None:
    for name, moment in (("raised_at", raised_at), ("lifted_at", lifted_at)):
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"{name} has no time zone")
    if lifted_at is not None and lifted_at < raised_at:
        raise ValueError("lifted_at is before raised_at")
