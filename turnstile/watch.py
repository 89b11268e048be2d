"""Looks at the newest camera frame and says what it means: the only place where gate and vision meet."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from edge.decide import Limits, Scene, decide
from edge.domain.decisions import Decision, Outcome, Reason
from edge.errors import CameraError, VaultError
from edge.match.live import LiveGallery
from edge.match.score import Match, OperatingPoint, Verdict
from edge.vision.camera import Camera, is_black
from edge.vision.engine import Engine
from edge.vision.face import Face
from edge.vision.frame import Frame
from edge.vision.idle import EmptyLane

log = structlog.get_logger()
_COMPLAIN_SECONDS = 10.0


class Watch:
    """One camera, one engine, one gallery. A failing part means no grant and a clear line in the log."""

    def __init__(
        self, camera: Camera, engine: Engine, gallery: LiveGallery, point: OperatingPoint, limits: Limits
    ) -> None:
        self._camera = camera
        self._engine = engine
        self._gallery = gallery
        self._point = point
        self._limits = limits
        self._complained: dict[str, float] = {}
        self._empty_lane = EmptyLane()
        self.last_match = Match(Verdict.NO_MATCH)

    def look(self, timeout: float) -> tuple[Frame, Decision] | None:
        """Decide on the newest frame, or None if none came within `timeout` seconds."""
        frame = self._newest(timeout)
        if frame is None:
            return None
        if is_black(frame.image):
            self._complain("camera", "the picture is black. Take the cap off the lens, or switch a light on")
            return frame, Decision(Outcome.WAIT, Reason.NO_FACE)
        try:
            return frame, self._decide(frame)
        except VaultError as error:
            self._complain("vault", str(error))
            return frame, Decision(Outcome.REFUSE, Reason.VAULT_UNAVAILABLE)

    @property
    def enrolled(self) -> int:
        """How many people can be recognised."""
        return len(self._gallery)

    @property
    def threshold(self) -> float:
        """The score in force."""
        return self._point.threshold

    def _decide(self, frame: Frame) -> Decision:
        scene = Scene(frame.age(time.monotonic()), self._faces(frame))
        now = datetime.now(UTC)

        def identify(face: Face) -> Match:
            probe = self._engine.embedder.embed(frame.image, face)
            self.last_match = self._gallery.search(probe, self._point, now)
            return self.last_match

        return decide(scene, identify, self._gallery.consent, self._limits, now)

    def _faces(self, frame: Frame) -> Sequence[Face]:
        if self._empty_lane.still_empty(frame.image, frame.captured):
            return ()
        faces = self._engine.detector.detect(frame.image)
        self._empty_lane.looked(frame.image, len(faces), frame.captured)
        return faces

    def _newest(self, timeout: float) -> Frame | None:
        try:
            return self._camera.newest(timeout)
        except CameraError as error:
            self._complain("camera", str(error))
            return None

    def _complain(self, part: str, problem: str) -> None:
        now = time.monotonic()
        if now - self._complained.get(part, float("-inf")) > _COMPLAIN_SECONDS:
            self._complained[part] = now
            log.error(part, problem=problem)
