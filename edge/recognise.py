"""From a frame to a decision: the stages in order, each run at most once on a frame, and only if needed.

detect, track, presentation attack detection, quality, embed, fuse, match, decide. One thread; the caller
gives the newest frame there is, so nothing queues behind a slow stage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.decide import Limits, Scene, decide
from edge.domain.decisions import Decision
from edge.domain.ids import ChildId
from edge.match.live import LiveGallery
from edge.match.score import Match, Verdict
from edge.match.threshold import Strictness
from edge.person import Person
from edge.vision.engine import Engine
from edge.vision.face import Face, Vector
from edge.vision.frame import Frame
from edge.vision.idle import EmptyLane
from edge.vision.pad.pad import Pad
from edge.vision.pad.surroundings import FACE_SIDE
from edge.vision.pad.verdict import PadVerdict
from edge.vision.quality.component import Hint
from edge.vision.track import Tracker


class Recogniser:
    """The eyes of one lane; belongs to one thread. A `pad` without checks denies everybody."""

    def __init__(
        self, engine: Engine, gallery: LiveGallery, strictness: Strictness, pad: Pad, limits: Limits
    ) -> None:
        self._engine = engine
        self._gallery = gallery
        self._strictness = strictness
        self._pad = pad
        self._limits = limits
        self._tracker = Tracker()
        self._empty_lane = EmptyLane()
        self._people: dict[int, Person] = {}
        self._nearest: int | None = None
        self._last_captured = float("-inf")
        self._expected: ChildId | None = None
        self.last_match = Match(Verdict.NO_MATCH)

    @property
    def enrolled(self) -> int:
        """How many people can be recognised."""
        return len(self._gallery)

    @property
    def threshold(self) -> float:
        """The score in force, for as many as are enrolled now."""
        return self._strictness.point(len(self._gallery)).threshold

    @property
    def hint(self) -> Hint | None:
        """What the nearest person could do to be seen better."""
        person = self._people.get(self._nearest or 0)
        return None if person is None else person.hint

    def decide(self, frame: Frame, at: float, now: datetime) -> Decision:
        """Decide on one frame; `at` is the monotonic clock in seconds. Raises VaultError."""
        age = frame.age(at) if frame.captured > self._last_captured else float("inf")
        faces = self._see(frame) if self._limits.fresh(age) else ()

        def subject(face: Face) -> _InFrame:
            return _InFrame(self, self._people[self._nearest or 0], frame, face, now)

        return decide(Scene(age, faces), subject, self._gallery.consent, self._limits, now)

    def knows(self, child: ChildId, now: datetime) -> bool:
        """Whether this child can be verified: it has a template under a live consent. Raises VaultError."""
        self._gallery.refresh(now)
        return self._gallery.consent(child) is not None

    def expect(self, child: ChildId | None) -> None:
        """From now on compare with this one child only (1:1), or again with everybody (None)."""
        self._expected = child
        self.forget()

    def forget(self) -> None:
        """Drop every vector and verdict: a person was decided about, and whoever is seen next begins anew."""
        self._people.clear()

    def _see(self, frame: Frame) -> Sequence[Face]:
        """Detect and track; watch the nearest person from before it is near enough to be recognised."""
        self._last_captured = frame.captured
        faces = self._detect(frame)
        tracks = self._tracker.update(faces, frame.captured)
        known = {track.id for track in self._tracker.tracks}
        self._people = {id_: person for id_, person in self._people.items() if id_ in known}
        self._nearest = tracks[0].id if tracks else None
        if tracks and faces[0].box[2] >= min(FACE_SIDE, self._limits.min_face):
            if tracks[0].id not in self._people:
                self._people[tracks[0].id] = Person(self._pad.begin())
            self._people[tracks[0].id].watch(frame, faces[0])
        return faces

    def _detect(self, frame: Frame) -> Sequence[Face]:
        if self._empty_lane.still_empty(frame.image, frame.captured):
            return ()
        faces = self._engine.detector.detect(frame.image)
        self._empty_lane.looked(frame.image, len(faces), frame.captured)
        return self._limits.zone.within(frame.image, faces)

    def _identify(self, person: Person, frame: Frame, face: Face, now: datetime) -> Match | None:
        """Embed if it is worth it, and search with everything kept of this person."""

        def nearest(vector: Vector) -> ChildId | None:
            return self._expected or self._gallery.nearest(vector, now)

        person.look(frame, face, self._engine.embedder, self._limits.min_quality)
        probe = person.probe(self._limits.agree, frame.captured, nearest)
        if probe is None:
            return None
        if self._expected is not None:
            return self._gallery.verify(self._expected, probe, self._strictness, now)
        self.last_match = self._gallery.search(probe, self._strictness, now)
        return self.last_match


@dataclass(frozen=True, slots=True)
class _InFrame:
    """The nearest person in one frame, as `decide` asks about it."""

    recogniser: Recogniser
    person: Person
    frame: Frame
    face: Face
    now: datetime

    def liveness(self) -> PadVerdict:
        return self.person.liveness()

    def match(self) -> Match | None:
        return self.recogniser._identify(self.person, self.frame, self.face, self.now)
