"""Enrols from the frames in which one person did what the challenge asked; no picture is kept.

The geometry cannot see that a face was changed for another one in the same place. The embedder can: what is
enrolled, and a look at each turn, must all be the same face.
"""

import time
from collections.abc import Callable, Sequence

from edge.errors import ImageError
from edge.match.fuse import Look, best_looks, worth_embedding
from edge.match.score import score_of
from edge.vision.camera import Camera
from edge.vision.engine import Engine
from edge.vision.face import Face, Vector
from edge.vision.frame import Frame, Image
from edge.vision.pad.both_ways import detect_both_ways
from edge.vision.pad.challenge import (
    EXPLANATIONS,
    MOST_GAP,
    Challenge,
    Ending,
    Prompt,
    Side,
    Sight,
    begin,
    see,
)
from edge.vision.quality.assess import assess
from edge.vision.quality.component import Hint
from edge.vision.track import Track, Tracker
from enrollment.capture import Tell

_WAIT = 0.2  # seconds for a frame; without one the challenge must still notice that time passes
_AGAIN = "Start again, slowly and in view all the time, or give the child a card"
_MIRRORED = (
    "Left and right are the child's own. If the child turned as told, the camera mirrors: switch that off"
)


class ChallengeFailed(ImageError):
    """The child did not pass; `reason` is the audit trail's word for it."""

    def __init__(self, reason: str, message: str, remedy: str = _AGAIN) -> None:
        super().__init__(message, remedy)
        self.reason = f"challenge_{reason}"


class _Taken:
    """What was embedded of the person who is followed; begins anew when the challenge does."""

    def __init__(self, engine: Engine, wanted: int) -> None:
        self._embedder = engine.embedder
        self._wanted = wanted
        self._since = 0.0
        self._looks: tuple[Look, ...] = ()
        self._turned: list[Vector] = []

    def add(self, challenge: Challenge, image: Image, face: Face) -> Hint | None:
        """Take what a frame is good for: a straight look to enrol, or the face while it turns.

        Returns what is wrong with a straight look; nothing of that one is taken.
        """
        if challenge.since != self._since:
            self._since, self._looks, self._turned = challenge.since, (), []
        if challenge.sight is Sight.STRAIGHT:
            return self._add_straight(image, face)
        turning = challenge.asked and challenge.sight in {Sight.GLANCE, Sight.TURNED}
        if turning and len(self._turned) <= challenge.stage // 2:
            self._turned.append(self._embedder.embed(image, face))
        return None

    def _add_straight(self, image: Image, face: Face) -> Hint | None:
        quality = assess(image, face)
        if quality.hint is None and worth_embedding(self._looks, quality.overall, self._wanted):
            look = Look(quality.overall, self._embedder.views(image, face).reference)
            self._looks = best_looks((*self._looks, look), self._wanted)
        return quality.hint

    def vectors(self, threshold: float) -> list[Vector]:
        """The best straight looks. Raises ChallengeFailed if they are too few, or not all of one face."""
        if len(self._looks) < self._wanted:
            raise ChallengeFailed(
                "few_good_pictures",
                f"only {len(self._looks)} good pictures while looking straight, {self._wanted} are needed",
                "Follow the hints on the screen (light, distance, holding still) and start again",
            )
        vectors = [look.vector for look in self._looks]
        metric = self._embedder.metric
        if any(score_of(vectors[0], other, metric) < threshold for other in (*vectors[1:], *self._turned)):
            raise ChallengeFailed("other_face", "the face that turned is not the face that looked straight")
        return vectors


def vectors_of_turning_head(
    engine: Engine,
    camera: Camera,
    wanted: int,
    *,
    sides: Sequence[Side],
    threshold: float,
    tell: Tell,
    clock: Callable[[], float] = time.monotonic,
) -> list[Vector]:
    """`wanted` vectors of a person who turned to all `sides` when told to.

    `threshold` is the engine's: above it two pictures are of one person. Raises ChallengeFailed and
    CameraError.
    """
    tracker, taken = Tracker(MOST_GAP), _Taken(engine, wanted)
    challenge, hint = begin(sides, clock()), None
    while not challenge.ended:
        frame = camera.newest(timeout=_WAIT)
        if frame is None:
            challenge, hint = see(challenge, (), clock()), None
        else:
            tracks = tracker.update(detect_both_ways(engine.detector, frame.image), frame.captured)
            challenge, hint = _seen(challenge, frame, tracks, taken)
        tell(f"{challenge.prompt}: {hint}" if hint else challenge.prompt)
    if challenge.ended is not Ending.PASSED:
        raise _failure(challenge.ended, challenge.prompt)
    return taken.vectors(threshold)


def _seen(
    challenge: Challenge, frame: Frame, tracks: Sequence[Track], taken: _Taken
) -> tuple[Challenge, Hint | None]:
    """The challenge after a frame. Nobody is asked to turn before the pictures are good enough to enrol."""
    after = see(challenge, tracks, frame.captured)
    if after.sight is Sight.NOTHING:
        return after, None
    hint = taken.add(after, frame.image, tracks[0].face)
    if hint and challenge.rest is None:
        after = see(challenge, (), frame.captured)
    return after, hint


def _failure(ending: Ending, asked: Prompt) -> ChallengeFailed:
    why = f"{EXPLANATIONS[ending]} (the last thing asked was: {asked})"
    if ending is Ending.WRONG_SIDE:
        return ChallengeFailed(ending, why, _MIRRORED)
    return ChallengeFailed(ending, why)
