"""What quality is made of: components, each with a sentence for the person in front of the camera."""

from dataclasses import dataclass
from enum import StrEnum

CONTENT = 0.5
"""A component of at least this value gives no hint."""


class Hint(StrEnum):
    """What a person can do about it; the kiosk and the gate translate these."""

    COME_CLOSER = "come closer"
    LOOK_AT_CAMERA = "look at the camera"
    HOLD_STILL = "hold still"
    TOO_DARK = "too dark"
    TOO_BRIGHT = "too bright"
    UNCOVER_FACE = "uncover your face"


class Name(StrEnum):
    """The components, after ISO/IEC 29794-5; noise and detection are ours."""

    SIZE = "size"
    POSE = "pose"
    SHARPNESS = "sharpness"
    EXPOSURE = "exposure"
    CONTRAST = "contrast"
    NOISE = "noise"
    EYES = "eyes visible"
    MOUTH = "mouth visible"
    DETECTION = "detection"


@dataclass(frozen=True, slots=True)
class Component:
    """One measured property: 0 is useless, 1 is as good as it need be. Raises ValueError outside that."""

    name: Name
    value: float
    hint: Hint

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1:
            raise ValueError("the value of a component is not within 0 and 1")


@dataclass(frozen=True, slots=True)
class Quality:
    """All components of one face in one picture; `overall` is their geometric mean, 0 to 1."""

    overall: float
    components: tuple[Component, ...]

    @property
    def facing(self) -> bool:
        """Whether the person looks at the camera: within about 30 degrees aside and 25 up or down."""
        return all(part.value >= CONTENT for part in self.components if part.name is Name.POSE)

    @property
    def worst(self) -> Component:
        """The component to mend first."""
        return min(self.components, key=lambda component: component.value)

    @property
    def hint(self) -> Hint | None:
        """What to tell the person, or None where nothing is bad enough to be said."""
        return self.worst.hint if self.worst.value < CONTENT else None
