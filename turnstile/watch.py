"""Has the newest camera frame decided on. A failing part means no grant and a clear line in the log."""

import structlog

from edge.domain.decisions import Decision, Outcome, Reason
from edge.errors import CameraError, VaultError
from edge.recognise import Recogniser
from edge.vision.camera import Camera, is_black
from edge.vision.frame import Frame
from turnstile.clock import SYSTEM, Clock

log = structlog.get_logger()
_COMPLAIN_SECONDS = 10.0


class Watch:
    """One camera and the recogniser behind it."""

    def __init__(self, camera: Camera, recogniser: Recogniser, clock: Clock = SYSTEM) -> None:
        self._camera = camera
        self._recogniser = recogniser
        self._clock = clock
        self._complained: dict[str, float] = {}

    def frame(self, timeout: float) -> Frame | None:
        """The newest frame, without a look at faces; None if none came within `timeout` seconds."""
        return self._newest(timeout)

    def decide(self, frame: Frame) -> Decision:
        """What the newest frame means."""
        if is_black(frame.image):
            self._complain("camera", "the picture is black. Take the cap off the lens, or switch a light on")
            return Decision(Outcome.WAIT, Reason.NO_FACE)
        try:
            return self._recogniser.decide(frame, self._clock.monotonic(), self._clock.now())
        except VaultError as error:
            self._complain("vault", str(error))
            return Decision(Outcome.REFUSE, Reason.VAULT_UNAVAILABLE)

    def _newest(self, timeout: float) -> Frame | None:
        try:
            return self._camera.newest(timeout)
        except CameraError as error:
            self._complain("camera", str(error))
            return None

    def _complain(self, part: str, problem: str) -> None:
        now = self._clock.monotonic()
        if now - self._complained.get(part, float("-inf")) > _COMPLAIN_SECONDS:
            self._complained[part] = now
            log.error(part, problem=problem)
