"""Decisions of the gate and their closed list of reasons."""

from dataclasses import dataclass
from enum import StrEnum

from edge.domain.ids import ChildId


class Outcome(StrEnum):
    """What the gate does next."""

    GRANT = "grant"
    REFUSE = "refuse"
    WAIT = "wait"


class Reason(StrEnum):
    """Why. The list is closed: a decision without one of these does not exist."""

    RECOGNISED = "recognised"
    MANUAL_RELEASE = "manual_release"
    NOT_RECOGNISED = "not_recognised"
    AMBIGUOUS = "ambiguous"
    CONSENT_MISSING = "consent_missing"
    NOT_LIVE = "not_live"
    PAD_UNAVAILABLE = "pad_unavailable"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    COME_CLOSER = "come_closer"
    LOOK_AGAIN = "look_again"
    FRAME_STALE = "frame_stale"
    OUTSIDE_HOURS = "outside_hours"
    ALREADY_INSIDE = "already_inside"
    GATE_CLOSED = "gate_closed"
    OTHER_LANE_OPEN = "other_lane_open"
    GATE_UNAVAILABLE = "gate_unavailable"
    VAULT_UNAVAILABLE = "vault_unavailable"
    NOT_DURABLE = "not_durable"

    @property
    def grants(self) -> bool:
        """Whether this is a reason to open."""
        return self in {Reason.RECOGNISED, Reason.MANUAL_RELEASE}


@dataclass(frozen=True, slots=True)
class Decision:
    """Outcome and reason; `child` only where the outcome is a grant. Raises ValueError otherwise."""

    outcome: Outcome
    reason: Reason
    child: ChildId | None = None

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.GRANT) != (self.child is not None):
            raise ValueError("a grant names a child, and nothing else does")
