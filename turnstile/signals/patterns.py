"""Which lamps burn and what is heard for each cue. Green and red never burn at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from turnstile.cue import Cue


class Lamp(StrEnum):
    """By what it means: go, stop, wait or do something."""

    GREEN = "green"
    RED = "red"
    AMBER = "amber"


@dataclass(frozen=True, slots=True)
class Beeps:
    """So many beeps, each as long as the pause after it, in seconds."""

    times: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pattern:
    """At most one lamp, so that its place tells a colour-blind person which; beeps as the cue begins."""

    lamp: Lamp | None = None
    beeps: Beeps | None = None


_DARK = Pattern()
_GO = Pattern(Lamp.GREEN, Beeps(1, 0.3))
_NO = Pattern(Lamp.RED, Beeps(3, 0.1))
_DO = Pattern(Lamp.AMBER)

PATTERNS: Mapping[Cue, Pattern] = MappingProxyType(
    {
        Cue.READY: _DARK,
        Cue.FACE_OR_CODE: _DARK,
        Cue.CARD_OR_CODE: _DARK,
        Cue.SHOW_CARD: _DARK,
        Cue.SHOW_CODE: _DARK,
        Cue.COME_CLOSER: _DO,
        Cue.LOOK_HERE: _DO,
        Cue.UNCOVER_FACE: _DO,
        Cue.ONE_AT_A_TIME: _DO,
        Cue.WELCOME: _GO,
        Cue.GOODBYE: _GO,
        Cue.USE_CARD: _NO,
        Cue.USE_CODE: _NO,
        Cue.ASK_STAFF: _NO,
        Cue.WAIT: _DO,
        Cue.STEP_BACK: Pattern(Lamp.RED, Beeps(5, 0.2)),
        Cue.WALK_THROUGH: Pattern(Lamp.GREEN),
        Cue.CLOSED: Pattern(Lamp.RED),
        Cue.EMERGENCY: Pattern(Lamp.GREEN),
        Cue.OUT_OF_SERVICE: Pattern(Lamp.RED),
    }
)
"""An emergency shows green, which means "go", and stays silent: the fire alarm is what must be heard."""
