"""What was destroyed of one person, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edge.domain.ids import ChildId


class ErasureReason(StrEnum):
    """Why data were destroyed."""

    WITHDRAWAL = "withdrawal"
    ERASURE = "erasure"
    OBJECTION = "objection"
    RETENTION = "retention"
    GUARDIAN_REMOVED = "guardian_removed"


@dataclass(frozen=True, slots=True)
class Destruction:
    """One destruction, numbered by the vault.

    `destroyed`: how many records of each kind, named as the vault's tables, and `child_key`. `gone` is None
    until no log and no slot of the vault can bring anything back.
    """

    number: int
    child: ChildId
    reason: ErasureReason
    at: datetime
    destroyed: Mapping[str, int]
    consents_ended: int
    gone: datetime | None

    @property
    def templates(self) -> int:
        """How many templates."""
        return self.destroyed.get("template", 0)

    @property
    def consents(self) -> int:
        """How many consents were ended or destroyed."""
        return self.consents_ended + self.destroyed.get("consent", 0)
