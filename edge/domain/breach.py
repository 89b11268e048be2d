"""A breach of personal data: what happened, when it was found, whom it concerns."""

from dataclasses import dataclass, field
from datetime import datetime

from edge.domain.consent import DataCategory


@dataclass(frozen=True, slots=True)
class Breach:
    """One breach; when its notice is due is derived (edge/policy/breach.py). Raises ValueError.

    `concerned`: how many people; `told_at`: when the authorised body was told, known once it is closed.
    """

    id: str
    found_at: datetime
    opened_at: datetime
    concerned: int
    data: frozenset[DataCategory]
    what: str = field(repr=False)
    told_at: datetime | None = None
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.what.strip():
            raise ValueError("what is empty")
        if not self.data:
            raise ValueError("data is empty")
        for name in ("found_at", "opened_at", "told_at", "closed_at"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{name} has no time zone")
        if self.found_at > self.opened_at:
            raise ValueError("found_at is still to come")
        if self.told_at is not None and self.told_at < self.found_at:
            raise ValueError("told_at is before found_at")
