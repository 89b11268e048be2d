"""Has the newest camera frame decided on. A failing part means no grant and a clear line in the log."""

import time
from datetime import UTC, datetime

import structlog

from edge.domain.decisions import Decision, Outcome, Reason
from edge.errors import CameraError, VaultError
from edge.recognise import Recogniser
from edge.vision.camera import Camera, is_black
from edge.vision.frame import Frame

log = structlog.get_logger()
_COMPLAIN_SECONDS = 10.0


class Watch:
    """One camera and the recogniser behind it."""

    def __init__(self, camera: Camera, recogniser: Recogniser) -> None:
        self._camera = camera
        self._recogniser = recogniser
        self._complained: dict[str, float] = {}

    def look(self, timeout: float) -> tuple[Frame, Decision] | None:
        """Decide on the newest frame, or None if none came within `timeout` seconds."""
        frame = self._newest(timeout)
        if frame is None:
            return None
        if is_black(frame.image):
            self._complain("camera", "the picture is black. Take the cap off the lens, or switch a light on")
            return frame, Decision(Outcome.WAIT, Reason.NO_FACE)
        try:
            return frame, self._recogniser.decide(frame, time.monotonic(), datetime.now(UTC))
        except VaultError as error:
            self._complain("vault", str(error))
            return frame, Decision(Outcome.REFUSE, Reason.VAULT_UNAVAILABLE)

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
