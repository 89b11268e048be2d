"""The decision for one frame, step by step; the same numbers stand in docs/decision.md.

The order matters: nothing is embedded that need not be, and nothing is granted that a later step forbids.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.domain.consent import Consent
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.ids import ChildId
from edge.match.score import Match, Verdict
from edge.policy.consent import MAY_MATCH
from edge.vision.face import Face


@dataclass(frozen=True, slots=True)
class Limits:
    """What a frame must be like: `max_age` in seconds, `min_face` the least face width in pixels.

    `second_face` is how large another face may be beside the nearest one, as a share of its width: the
    people further back in the queue are smaller and do not count.
    """

    max_age: float = 0.5
    min_face: float = 90.0
    second_face: float = 0.7


@dataclass(frozen=True, slots=True)
class Scene:
    """What one frame shows: its age in seconds and the faces in it, largest first."""

    age: float
    faces: Sequence[Face]


def decide(  # noqa: PLR0911 - one return a step
    scene: Scene,
    identify: Callable[[Face], Match],
    consent_of: Callable[[ChildId], Consent | None],
    limits: Limits,
    now: datetime,
) -> Decision:
    """Decide on one frame; `identify` embeds and searches, called at most once and only for a usable face."""
    # 1. The frame is fresh: an old picture says nothing about who stands here now.
    if not 0 <= scene.age <= limits.max_age:
        return Decision(Outcome.WAIT, Reason.FRAME_STALE)
    # 2. Somebody is there, and near enough to mean to pass.
    if not scene.faces:
        return Decision(Outcome.WAIT, Reason.NO_FACE)
    nearest = scene.faces[0]
    if nearest.box[2] < limits.min_face:
        return Decision(Outcome.WAIT, Reason.COME_CLOSER)
    # 3. It is one person: with two abreast nobody can say who passed.
    if any(face.box[2] >= limits.second_face * nearest.box[2] for face in scene.faces[1:]):
        return Decision(Outcome.WAIT, Reason.SEVERAL_FACES)
    # 4. The face matches one child and no other.
    match = identify(nearest)
    if match.verdict is Verdict.AMBIGUOUS:
        return Decision(Outcome.REFUSE, Reason.AMBIGUOUS)
    if match.verdict is Verdict.NO_MATCH or match.child is None:
        return Decision(Outcome.REFUSE, Reason.NOT_RECOGNISED)
    # 5. The consent behind the match is live at this very moment, for this purpose.
    consent = consent_of(match.child)
    if consent is None or not MAY_MATCH.allows(consent, now):
        return Decision(Outcome.REFUSE, Reason.CONSENT_MISSING)
    # 6. Then, and only then, the child may pass.
    return Decision(Outcome.GRANT, Reason.RECOGNISED, match.child)
