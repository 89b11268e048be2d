"""That somebody is a guardian of a child no more."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edge.domain.ids import ChildId


class RemovalReason(StrEnum):
    """Why a guardian was removed."""

    RIGHTS_ENDED = "rights_ended"
    OWN_WISH = "own_wish"
    BY_MISTAKE = "by_mistake"


@dataclass(frozen=True, slots=True)
class Removal:
    """One guardian taken off one child: under pseudonyms, for the name is gone.

    `known_as` is the pseudonym that the name of then makes; a guardian whose name was rectified has another.
    """

    guardian_id: str
    child: ChildId
    at: datetime
    reason: RemovalReason
    by: str = field(repr=False)
    known_as: str
