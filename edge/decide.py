"""The decision for one frame, step by step; the same numbers stand in docs/decision.md.

The order matters: nothing is embedded that need not be, and nothing is granted that a later step forbids.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from edge.domain.consent import Consent
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.ids import ChildId
from edge.match.score import Match, Verdict
from edge.policy.consent import MAY_MATCH
from edge.vision.face import Face
from edge.vision.pad.verdict import PadVerdict
from edge.vision.zone import Zone


@dataclass(frozen=True, slots=True)
class Limits:
    """What a frame must be like: `max_age` in seconds, `min_face` the least face width in pixels.

    `second_face` is how large another face may be beside the nearest one, as a share of its width: the
    people further back in the queue are smaller and do not count. `min_quality` is the least overall quality
    that is embedded: below 0.3 one component at least is useless. `agree`: frames that a match needs. A face
    outside the `zone` is as if it were not there.
    """

    max_age: float = 0.5
    min_face: float = 90.0
    second_face: float = 0.7
    min_quality: float = 0.3
    agree: int = 2
    zone: Zone = field(default_factory=Zone)

    def fresh(self, age: float) -> bool:
        """Whether a frame of this age in seconds still says who stands here now."""
        return 0 <= age <= self.max_age


@dataclass(frozen=True, slots=True)
class Scene:
    """What one frame shows: its age in seconds and the faces in it, largest first."""

    age: float
    faces: Sequence[Face]


class Subject(Protocol):
    """The nearest person in the frame; each question is asked at most once."""

    def liveness(self) -> PadVerdict:
        """What presentation attack detection says so far."""

    def match(self) -> Match | None:
        """Whom the frames of this person so far are of; None while they are too few or too poor."""


def decide(  # noqa: PLR0911 - one return a step
    scene: Scene,
    subject: Callable[[Face], Subject],
    consent_of: Callable[[ChildId], Consent | None],
    limits: Limits,
    now: datetime,
) -> Decision:
    """Decide on one frame; `subject` is asked for only where there is one usable face."""
    # 1. The frame is fresh: an old picture says nothing about who stands here now.
    if not limits.fresh(scene.age):
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
    # 4. Presentation attack detection works and has nothing against this face; else nothing is embedded.
    person = subject(nearest)
    liveness = person.liveness()
    if not liveness.works:
        return Decision(Outcome.REFUSE, Reason.PAD_UNAVAILABLE)
    if not (liveness.live or liveness.undecided):
        return Decision(Outcome.REFUSE, Reason.NOT_LIVE)
    # 5. The face was seen well, in several frames that agree.
    match = person.match()
    if match is None:
        return Decision(Outcome.WAIT, Reason.LOOK_AGAIN)
    # 6. They match one child and no other.
    if match.verdict is Verdict.AMBIGUOUS:
        return Decision(Outcome.REFUSE, Reason.AMBIGUOUS)
    if match.verdict is Verdict.NO_MATCH or match.child is None:
        return Decision(Outcome.REFUSE, Reason.NOT_RECOGNISED)
    # 7. The consent behind the match is live at this very moment, for this purpose.
    consent = consent_of(match.child)
    if consent is None or not MAY_MATCH.allows(consent, now):
        return Decision(Outcome.REFUSE, Reason.CONSENT_MISSING)
    # 8. Every check has by now seen enough to say that the face is live.
    if not liveness.live:
        return Decision(Outcome.WAIT, Reason.LOOK_AGAIN)
    # 9. Then, and only then, the child may pass.
    return Decision(Outcome.GRANT, Reason.RECOGNISED, match.child)
