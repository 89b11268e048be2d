"""Requests that people make about a child's data, as the school must answer them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edge.domain.blocks import Asker
from edge.domain.ids import ChildId


class Right(StrEnum):
    """What is asked for."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"
    UNBLOCKING = "unblocking"
    WITHDRAWAL = "withdrawal"
    ERASURE = "erasure"
    OBJECTION = "objection"
    COMPLAINT = "complaint"


class Way(StrEnum):
    """How the request reached the school."""

    IN_PERSON = "in_person"
    LETTER = "letter"
    PHONE = "phone"
    EMAIL = "email"


class Outcome(StrEnum):
    """How a request ended."""

    DONE = "done"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; when it is due and how it stands are derived (edge/policy/rights.py).

    After an erasure `child` and `guardian_id` are None and both texts are empty: only that somebody asked and
    was answered is left. Raises ValueError naming the field that is wrong.
    """

    id: str
    child: ChildId | None
    right: Right
    asked_by: Asker
    guardian_id: str | None
    way: Way
    received_at: datetime
    text: str = field(default="", repr=False)
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    answer: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.child is not None and (self.guardian_id is not None) != (self.asked_by is Asker.GUARDIAN):
            raise ValueError("guardian_id goes with a guardian who asks, and with nobody else")
        for name in ("received_at", "closed_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{name} has no time zone")
        if (self.closed_at is None) != (self.outcome is None):
            raise ValueError("closed_at and outcome go together")
        if self.closed_at is not None and self.closed_at < self.received_at:
            raise ValueError("closed_at is before received_at")
