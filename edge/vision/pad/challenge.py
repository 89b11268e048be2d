"""Asks a person to look straight, turn the head to a side nobody knew before, and back; no I/O and no clock.

Judged is only how the nose moves between the eyes and the mouth corners (`relief`), which no flat picture
can imitate by being turned, and that it moves step by step in one face that is never out of sight. `begin`
starts, `see` takes one frame after the other, `ended` tells when and how it is over. What it proves is a
solid head that moves, not a live one: a mask passes, and a film of somebody who turns the right way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median
from types import MappingProxyType

from edge.vision.pad.relief import NosePlace, nose_place, stands_out
from edge.vision.quality.pose import head_pose
from edge.vision.track import Track

LONGEST = 45.0
"""Seconds for the whole challenge, the walk to the camera included."""

MOST_GAP = 0.5
"""Seconds for which the face may be out of sight: the detector misses single frames. Also for the tracker."""

LEAST_WIDTH = 90.0
"""Pixels of the face box from which the nose was measured, and from which enrolment takes a picture."""

# In eye distances. A nose that stands out 0.58 moves 0.40 aside in a turn of 35 degrees; half of that is a
# glance. Bent paper that was moved as far seemed to stand out 0.34 at most, rendered heads 0.39 at least.
TURNED = 0.40
GLANCE = 0.20
_LEAST_RELIEF = 0.35
_MOST_STEP = 0.25  # between two frames: from straight to turned in one step is another picture held up
_STEADY = 0.15  # around the median while the person looks straight: three times the detector's noise

_FRAMES_STRAIGHT = 5  # to find the median
_FRAMES = 3  # in a row that must agree afterwards
_MOST_YAW, _MOST_PITCH, _MOST_ROLL = 15.0, 20.0, 20.0  # degrees of somebody who looks at the camera
_SECOND_FACE = 0.5  # of the first one's width: somebody else is there, not passing far behind


class Side(StrEnum):
    """The person's own left and right: their left is on the right of a picture that is not mirrored."""

    LEFT = "left"
    RIGHT = "right"


class Prompt(StrEnum):
    """What the person is asked to do now."""

    LOOK = "look at the camera"
    CLOSER = "come closer"
    ALONE = "one person at a time"
    TURN_LEFT = "turn your head to your left"
    TURN_RIGHT = "turn your head to your right"
    FURTHER = "a little further"
    BACK = "now look at the camera again"
    SLOWLY = "too fast; slowly, and start again: look at the camera"


class Ending(StrEnum):
    """How the challenge ended."""

    PASSED = "passed"
    TOO_SLOW = "too_slow"
    LOST = "lost"
    WRONG_SIDE = "wrong_side"


EXPLANATIONS: Mapping[Ending, str] = MappingProxyType(
    {
        Ending.TOO_SLOW: "the head was not seen to turn in time",
        Ending.LOST: "the face was out of sight, or another one came in between",
        Ending.WRONG_SIDE: "the head was turned to the other side",
    }
)
"""Why it failed, in words for staff."""


class Sight(StrEnum):
    """What the newest frame shows of the person who is followed."""

    NOTHING = "nothing"
    STRAIGHT = "straight"
    GLANCE = "glance"
    TURNED = "turned"
    WRONG = "wrong"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Challenge:
    """Where the challenge stands. Stages with an even number look straight, between them lie the turns.

    `person` is the track that is followed and `since` when that began, in seconds; `rest` is the nose while
    they look straight; `run` counts frames in a row that agree.
    """

    sides: tuple[Side, ...]
    started: float
    stage: int = 0
    prompt: Prompt = Prompt.LOOK
    sight: Sight = Sight.NOTHING
    ended: Ending | None = None
    person: int | None = None
    since: float = 0.0
    last: NosePlace | None = None
    last_seen: float = 0.0
    straight: tuple[NosePlace, ...] = ()
    rest: NosePlace | None = None
    run: int = 0

    @property
    def asked(self) -> Side | None:
        """The side to turn to in this stage."""
        return self.sides[self.stage // 2] if self.stage % 2 else None


def begin(sides: Sequence[Side], at: float) -> Challenge:
    """A challenge with these turns; the caller draws them where nobody can guess (`secrets`)."""
    if not sides:
        raise ValueError("a challenge without a turn asks nothing")
    return Challenge(tuple(sides), at)


def see(challenge: Challenge, tracks: Sequence[Track], at: float) -> Challenge:
    """The challenge after a frame taken `at` this time, with the tracks of its faces, the largest first."""
    if challenge.ended:
        return challenge
    if at - challenge.started > LONGEST:
        return _failed(challenge, Ending.TOO_SLOW)
    if challenge.person is not None and at - challenge.last_seen > MOST_GAP:
        if challenge.rest:
            return _failed(challenge, Ending.LOST)
        challenge = replace(challenge, person=None)
    trouble = _trouble(tracks)
    place = None if trouble else nose_place(tracks[0].face.landmarks)
    if place is None:
        return replace(_forgotten(challenge), prompt=trouble or Prompt.LOOK)
    if tracks[0].id != challenge.person:
        if challenge.rest:
            return _failed(challenge, Ending.LOST)
        challenge = replace(challenge, person=tracks[0].id, since=at, straight=())
    if challenge.rest is None:
        seen = _at_first(challenge, tracks[0], place)
    else:
        seen = _step(challenge, place, challenge.rest)
    return replace(seen, last=place, last_seen=at)


def _trouble(tracks: Sequence[Track]) -> Prompt | None:
    """Why nobody can be followed in this frame, as the person should be told."""
    widths = [track.face.box[2] for track in tracks]
    if not widths:
        return Prompt.LOOK
    if len(widths) > 1 and max(widths[1:]) > _SECOND_FACE * widths[0]:
        return Prompt.ALONE
    return Prompt.CLOSER if widths[0] < LEAST_WIDTH else None


def _forgotten(challenge: Challenge) -> Challenge:
    """Nothing usable was seen: what had to be seen in a row begins anew."""
    return replace(challenge, sight=Sight.NOTHING, run=0, straight=())


def _at_first(challenge: Challenge, track: Track, place: NosePlace) -> Challenge:
    """The first stage: find out where this nose is while the person looks straight and holds still."""
    pose = head_pose(track.face.landmarks)
    prompt = Prompt.SLOWLY if challenge.prompt is Prompt.SLOWLY else Prompt.LOOK
    if abs(pose.yaw) > _MOST_YAW or abs(pose.pitch) > _MOST_PITCH or abs(pose.roll) > _MOST_ROLL:
        return replace(challenge, sight=Sight.OTHER, straight=(), prompt=prompt)
    straight = (*challenge.straight, place)[-_FRAMES_STRAIGHT:]
    seen = replace(challenge, sight=Sight.STRAIGHT, straight=straight, prompt=prompt)
    rest = NosePlace(median(one.aside for one in straight), median(one.breadth for one in straight))
    steady = all(abs(one.aside - rest.aside) <= _STEADY for one in straight)
    if len(straight) < _FRAMES_STRAIGHT or not steady:
        return seen
    return _next_stage(replace(seen, rest=rest))


def _step(challenge: Challenge, place: NosePlace, rest: NosePlace) -> Challenge:
    """One frame of a later stage."""
    if challenge.last and abs(_aside(place, rest) - _aside(challenge.last, rest)) > _MOST_STEP:
        return Challenge(challenge.sides, challenge.started, prompt=Prompt.SLOWLY)
    sight = _sight(challenge.asked, place, rest)
    wanted = Sight.TURNED if challenge.asked else Sight.STRAIGHT
    run = challenge.run + 1 if sight is challenge.sight else 1
    seen = replace(challenge, sight=sight, run=run, prompt=_prompt(challenge.asked, sight))
    if run >= _FRAMES and sight is wanted:
        return _next_stage(seen)
    if run >= _FRAMES and sight is Sight.WRONG:
        return _failed(seen, Ending.WRONG_SIDE)
    return seen


def _aside(place: NosePlace, rest: NosePlace) -> float:
    """How far the nose moved to the person's left, no further than turned: beyond, speed is no matter."""
    return min(max(place.aside - rest.aside, -TURNED), TURNED)


def _sight(asked: Side | None, place: NosePlace, rest: NosePlace) -> Sight:
    moved = place.aside - rest.aside
    if asked is None:
        return Sight.STRAIGHT if abs(moved) <= GLANCE else Sight.OTHER
    moved = moved if asked is Side.LEFT else -moved
    solid = stands_out(rest, place) >= _LEAST_RELIEF
    if abs(moved) >= TURNED and solid:
        return Sight.TURNED if moved > 0 else Sight.WRONG
    return Sight.GLANCE if moved >= GLANCE else Sight.OTHER


def _prompt(asked: Side | None, sight: Sight) -> Prompt:
    if asked is None:
        return Prompt.BACK
    if sight in {Sight.GLANCE, Sight.TURNED}:
        return Prompt.FURTHER
    return Prompt.TURN_LEFT if asked is Side.LEFT else Prompt.TURN_RIGHT


def _next_stage(challenge: Challenge) -> Challenge:
    stage = challenge.stage + 1
    if stage > 2 * len(challenge.sides):
        return replace(challenge, ended=Ending.PASSED)
    ahead = replace(challenge, stage=stage, run=0)
    return replace(ahead, prompt=_prompt(ahead.asked, Sight.OTHER))


def _failed(challenge: Challenge, ending: Ending) -> Challenge:
    return replace(challenge, ended=ending, sight=Sight.NOTHING)
