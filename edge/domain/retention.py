"""What the program forgets by itself, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from edge.domain.ids import ChildId


class Reason(StrEnum):
    """Why something is due to be erased."""

    LEFT = "left"
    CONSENT_ENDED = "consent_ended"
    UNUSED = "unused"
    CONSENT_RECORD = "consent_record"
    BLOCK_RECORD = "block_record"
    CREDENTIAL = "credential"
    VISITOR = "visitor"
    REQUEST = "request"
    DISCLOSURE = "disclosure"
    BREACH = "breach"


@dataclass(frozen=True, slots=True)
class Due:
    """What is due at one moment.

    `left`: children of whom everything goes. `templates`: of each other child the ids of the templates that
    go, by the reason. `records`: how many rows go besides, of whomever. `roster` and `enrolled`: how many
    children there are at all, and how many have templates. `held`: who left and stays while somebody checks.
    """

    left: frozenset[ChildId]
    templates: Mapping[ChildId, Mapping[str, Reason]]
    records: Mapping[Reason, int]
    roster: int
    enrolled: int
    held: frozenset[ChildId] = frozenset()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.left or self.templates or any(self.records.values()))
