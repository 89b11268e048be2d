"""The gate's configuration file."""

from pydantic import Field

from edge.config import AbsolutePath, Settings, SlugField
from edge.domain.events import Direction
from edge.vault.settings import VaultSettings
from edge.vision.cameras.settings import CameraSettings
from edge.vision.engine import FPIR, EngineName
from turnstile.attempt import Patience
from turnstile.drivers.settings import DriverSettings
from turnstile.gate import Timing
from turnstile.inputs.settings import InputSettings


class Faces(Settings):
    """When a face counts: `max_age` seconds of a frame, `min_face` width in pixels.

    `fpir`: share of strangers that may match somebody, whatever the number enrolled; the threshold follows.
    `calibration`: what `qaqpa-gate calibrate --accept` wrote. It makes the gate stricter than the engine's
    own figures do, never laxer.
    """

    max_age: float = Field(default=0.5, gt=0, le=2)
    min_face: float = Field(default=90, ge=40)
    fpir: float = Field(default=FPIR, gt=0, le=0.01)
    calibration: AbsolutePath | None = None


class GateSettings(Settings):
    """Everything `qaqpa-gate` reads from its file; `scores` is the file of counts for calibration, if any."""

    school: SlugField
    gate: SlugField
    direction: Direction = Direction.IN
    vault: VaultSettings
    audit: AbsolutePath
    outbox: AbsolutePath
    control: AbsolutePath
    scores: AbsolutePath | None = None
    engine: EngineName = EngineName.SFACE
    camera: CameraSettings
    turnstile: DriverSettings
    inputs: InputSettings
    faces: Faces = Faces()
    patience: Patience = Patience()
    timing: Timing = Timing()
