"""The gate's configuration file."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from edge.config import AbsolutePath, Settings, SlugField, ZoneName
from edge.credentials.lockout import LockoutRule
from edge.domain.events import Direction
from edge.policy import passback
from edge.vault.settings import VaultSettings
from edge.vision.cameras.settings import CameraSettings
from edge.vision.engine_choice import FPIR, EngineName
from edge.vision.pad.check import CheckName
from edge.vision.zone import Zone
from turnstile.attempt import Patience
from turnstile.drivers.settings import DriverSettings, GpioSettings
from turnstile.gate import Timing
from turnstile.inputs.settings import GpioInputs, InputSettings
from turnstile.mode import Mode
from turnstile.readers.settings import Readers
from turnstile.rules_settings import RulesSettings
from turnstile.signals.settings import GpioSignals, NoSignals, SignalSettings


class Profile(StrEnum):
    """What the installation is for. The demo's profile is unsafe and cannot be used with a real turnstile."""

    PRODUCTION = "production"
    UNSAFE_DEMO = "unsafe_demo"


class PadSettings(Settings):
    """Presentation attack detection; in production every check runs, or nobody passes by face alone.

    `depth` adds a check that also refuses paper faces cut out along their outline, and nearly everybody who
    walks straight up without turning the head (docs/pad.md): for gates that say so on their screen.
    """

    depth: bool = False
    unsafe_leave_out: frozenset[CheckName] = frozenset()


class DisplaySettings(Settings):
    """Whether whoever is let in is greeted by first name; nobody is unless the school says so.

    `given_name_word`: which word of the roster's full name it is: 2 for "Surname Given Patronymic", the order
    of school lists in Kazakhstan, 1 for "Given Surname".
    """

    first_name: bool = False
    given_name_word: int = Field(default=2, ge=1, le=3)


class Faces(Settings):
    """When a face counts: `max_age` seconds of a frame, `min_face` pixels wide, `agree` frames that match.

    `fpir`: share of strangers that may match somebody, whatever the number enrolled; the threshold follows.
    `calibration`: what `qaqpa-gate calibrate --accept` wrote. It makes the gate stricter than the engine's
    own figures do, never laxer. `zone`: the part of the picture in which people mean this gate.
    """

    max_age: float = Field(default=0.5, gt=0, le=2)
    min_face: float = Field(default=90, ge=40)
    agree: int = Field(default=2, ge=2, le=3)
    fpir: float = Field(default=FPIR, gt=0, le=0.01)
    calibration: AbsolutePath | None = None
    zone: Zone = Zone()


class GateSettings(Settings):
    """Everything `qaqpa-gate` reads from its file.

    `feed`: the socket at which the display and the monitor listen. `scores`: the counts for calibration.
    `presence`: who is inside, shared by the lanes of this device. `interlock`: a file that the two lanes of a
    pair share, of which one only may be open.
    """

    profile: Profile = Profile.PRODUCTION
    school: SlugField
    gate: SlugField
    direction: Direction = Direction.IN
    vault: VaultSettings
    audit: AbsolutePath
    outbox: AbsolutePath
    control: AbsolutePath
    feed: AbsolutePath | None = None
    scores: AbsolutePath | None = None
    presence: AbsolutePath | None = None
    interlock: AbsolutePath | None = None
    mode: Mode = Mode.IDENTIFY
    lockout: LockoutRule = LockoutRule()
    zone: ZoneName = "Asia/Almaty"
    rules: RulesSettings = RulesSettings()
    engine: EngineName = EngineName.SFACE
    camera: CameraSettings
    turnstile: DriverSettings
    inputs: InputSettings
    readers: Readers = ()
    faces: Faces = Faces()
    pad: PadSettings = PadSettings()
    patience: Patience = Patience()
    timing: Timing = Timing()
    display: DisplaySettings = DisplaySettings()
    signals: SignalSettings = NoSignals()

    @model_validator(mode="after")
    def _rules_can_be_kept(self) -> Self:
        self.rules.schedule()  # raises for hours that end before they begin
        if self.rules.passback.mode is not passback.Mode.OFF and self.presence is None:
            raise ValueError("rules.passback needs the key presence: the file of who is inside")
        return self

    @model_validator(mode="after")
    def _unsafe_only_in_a_demo(self) -> Self:
        if self.profile is Profile.UNSAFE_DEMO:
            if self.turnstile.driver != "simulated":
                raise ValueError('profile "unsafe_demo" works with the simulated turnstile only')
        elif self.pad.unsafe_leave_out:
            raise ValueError("pad.unsafe_leave_out is for demonstrations; a production gate runs every check")
        return self

    @model_validator(mode="after")
    def _own_pins(self) -> Self:
        users: dict[int, str] = {}
        for what, pins in (
            ("a relay", self.turnstile.channels.values() if isinstance(self.turnstile, GpioSettings) else ()),
            ("an input", self.inputs.places.values() if isinstance(self.inputs, GpioInputs) else ()),
            ("a signal", self.signals.pins.values() if isinstance(self.signals, GpioSignals) else ()),
        ):
            for pin in pins:
                if pin in users:
                    raise ValueError(f"GPIO pin {pin} is both {users[pin]} and {what}")
                users[pin] = what
        return self
