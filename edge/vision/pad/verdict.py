"""What presentation attack detection says, and why: closed reasons, each with words for a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class PadReason(StrEnum):
    """Why a face is not taken for a live one."""

    NO_CHECK = "no_check"
    CHECK_BROKEN = "check_broken"
    NOTHING_SEEN = "nothing_seen"
    LOOKS_LIKE_A_PICTURE = "looks_like_a_picture"
    SCENE_MOVES_ALONG = "scene_moves_along"
    FACE_IS_FLAT = "face_is_flat"


EXPLANATIONS: Mapping[PadReason, str] = MappingProxyType(
    {
        PadReason.NO_CHECK: "No check for pictures is set up here, so nobody passes by face alone. "
        "Use the card.",
        PadReason.CHECK_BROKEN: "The check for pictures does not work at the moment. Use the card.",
        PadReason.NOTHING_SEEN: "Not enough of the face was seen yet. Look at the camera for a moment.",
        PadReason.LOOKS_LIKE_A_PICTURE: "This looks like a printed picture or a screen. Show your own face "
        "in even light, or use the card.",
        PadReason.SCENE_MOVES_ALONG: "What surrounds the face moves along with it, as on a picture held up. "
        "Show your own face, or use the card.",
        PadReason.FACE_IS_FLAT: "No depth was seen in this face so far, as on a picture. Turn your head a "
        "little to each side, or use the card.",
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says: `reason` is None where it has nothing against the face.

    `score` is for evaluation only: larger is more live, comparable within one check, NaN where the check
    has not seen enough to say anything.
    """

    reason: PadReason | None
    score: float = field(repr=False)


@dataclass(frozen=True, slots=True)
class PadVerdict:
    """Live or not, with every reason against it. Raises ValueError unless live means no reason at all."""

    live: bool
    reasons: tuple[PadReason, ...]

    def __post_init__(self) -> None:
        if self.live != (not self.reasons):
            raise ValueError("a face is live if and only if nothing speaks against it")

    @property
    def undecided(self) -> bool:
        """Whether all that is missing is more to look at."""
        return self.reasons == (PadReason.NOTHING_SEEN,)

    @property
    def works(self) -> bool:
        """Whether every check that should be there could answer."""
        return not {PadReason.NO_CHECK, PadReason.CHECK_BROKEN} & set(self.reasons)

    @property
    def explanations(self) -> tuple[str, ...]:
        """The reasons in words for the person at the gate."""
        return tuple(EXPLANATIONS[reason] for reason in self.reasons)
