"""What the gate knows of one person in view: kept while the track lasts, in memory, and never longer."""

from collections.abc import Callable

from edge.domain.ids import ChildId
from edge.errors import ImageError
from edge.match.fuse import Look, best_looks, probe, worth_embedding
from edge.vision.embed import Embedder
from edge.vision.face import Face, Vector
from edge.vision.frame import Frame
from edge.vision.pad.check import Look as PadLook
from edge.vision.pad.pad import PadTrack
from edge.vision.pad.verdict import PadVerdict
from edge.vision.quality.assess import assess
from edge.vision.quality.component import Hint, Quality

LOOK_SECONDS = 1.5
"""A vector older than this counts no more: whoever stood there may have made room for another."""
RENEW_SECONDS = 0.5
"""Even where the kept ones are better, the newest look is no older than this."""


class Person:
    """One track: its best looks, and what presentation attack detection says of it."""

    def __init__(self, pad: PadTrack) -> None:
        self._pad = pad
        self._looks: tuple[Look, ...] = ()
        self._newest: Look | None = None
        self._quality: Quality | None = None

    def watch(self, frame: Frame, face: Face) -> None:
        """Hand the next frame to presentation attack detection."""
        self._pad.add(PadLook(frame.image, face, frame.captured))

    def liveness(self) -> PadVerdict:
        """What presentation attack detection says so far. Never raises."""
        return self._pad.verdict()

    def look(self, frame: Frame, face: Face, embedder: Embedder, least_quality: float) -> None:
        """Judge the face in this frame; embed it if it looks here, is good enough, and adds to the kept."""
        self._looks = tuple(look for look in self._looks if frame.captured - look.at <= LOOK_SECONDS)
        try:
            self._quality = assess(frame.image, face)
            value = self._quality.overall
            if not self._quality.facing or value < least_quality:
                return
            if self._due(frame.captured) or worth_embedding(self._looks, value):
                self._newest = Look(value, embedder.embed(frame.image, face), frame.captured)
                self._looks = best_looks((*self._looks, self._newest))
        except ImageError:  # landmarks that coincide: there is no face to speak of in this frame
            self._quality = None

    def probe(self, agree: int, at: float, nearest: Callable[[Vector], ChildId | None]) -> Vector | None:
        """The looks as one probe; None until `agree` of them are there and the newest points the same way.

        A newest look that alone is nearest to another child than all looks together may be of another person
        under the same id. `at` is the time of the frame in seconds.
        """
        if self._newest is None or self._due(at) or len(self._looks) < agree:
            return None
        fused = probe(self._looks)
        return fused if nearest(fused) == nearest(self._newest.vector) else None

    def _due(self, at: float) -> bool:
        return self._newest is None or at - self._newest.at > RENEW_SECONDS

    @property
    def hint(self) -> Hint | None:
        """What the person could do to be seen better, after the last look."""
        return Hint.LOOK_AT_CAMERA if self._quality is None else self._quality.hint
