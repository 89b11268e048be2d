"""Turns measures into a quality from 0 to 1 and a hint for the person; ISO/IEC 29794-1 and -5."""

import math
from dataclasses import dataclass

from edge.vision.face import Face
from edge.vision.frame import Image
from edge.vision.quality.component import Component, Hint, Name, Quality
from edge.vision.quality.measure import Measures, measure

_BRIGHT_SIDE = 128
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Ramp:
    """0 up to `useless`, 1 from `plenty` on (or the other way round), straight in between."""

    useless: float
    plenty: float

    def at(self, value: float) -> float:
        """The value between 0 and 1."""
        share = (value - self.useless) / (self.plenty - self.useless)
        return min(1.0, max(0.0, share))


# Chosen on every other person of the London set, one property spoilt at a time: useless is about where the
# median mated SFace score had fallen to 0.45, plenty where it was within 0.05 of the unspoilt picture's.
# What they do on the people they were not chosen on: docs/recognition.md, "Error against reject".
SIZE = Ramp(10, 35)
SHARPNESS = Ramp(math.log(0.04), math.log(0.5))  # of the logarithm, as for contrast and noise
CONTRAST = Ramp(math.log(5), math.log(50))
CLEARNESS = Ramp(0.5, 3.0)  # logarithm of contrast over noise
UNDER = Ramp(1.0, 0.0)
OVER = Ramp(0.9, 0.1)
CONFIDENCE = Ramp(0.70, 0.93)  # 0.7 is the detector's own threshold
EYES = Ramp(0.2, 0.5)
MOUTH = Ramp(0.1, 0.4)
# Not measured: the sets at hand hold no turned faces of real people. Full value for what the gate sees of
# someone who looks at it, none for what an enrolment picture cannot resemble.
YAW = Ramp(45, 15)
PITCH = Ramp(35, 15)
ROLL = Ramp(45, 20)


def assess(image: Image, face: Face) -> Quality:
    """Quality of one face in one picture. Raises ImageError for landmarks that cannot be used."""
    return judge(measure(image, face))


def judge(measures: Measures) -> Quality:
    """The components of these measures, and their geometric mean."""
    components = _components(measures)
    logs = [math.log(max(component.value, _LEAST)) for component in components]
    return Quality(math.exp(sum(logs) / len(logs)), components)


def _components(seen: Measures) -> tuple[Component, ...]:
    pose = min(YAW.at(abs(seen.pose.yaw)), PITCH.at(abs(seen.pose.pitch)), ROLL.at(abs(seen.pose.roll)))
    light = Hint.TOO_BRIGHT if seen.mean >= _BRIGHT_SIDE else Hint.TOO_DARK
    clearness = math.log((seen.contrast + 1) / (seen.noise + 1))
    return (
        Component(Name.SIZE, SIZE.at(seen.eye_distance), Hint.COME_CLOSER),
        Component(Name.POSE, pose, Hint.LOOK_AT_CAMERA),
        Component(Name.SHARPNESS, SHARPNESS.at(_log(seen.sharpness)), Hint.HOLD_STILL),
        Component(Name.EXPOSURE, min(UNDER.at(seen.under), OVER.at(seen.over)), light),
        Component(Name.CONTRAST, CONTRAST.at(_log(seen.contrast)), light),
        Component(Name.NOISE, CLEARNESS.at(clearness), Hint.TOO_DARK),
        Component(Name.EYES, EYES.at(seen.eyes), Hint.UNCOVER_FACE),
        Component(Name.MOUTH, MOUTH.at(seen.mouth), Hint.UNCOVER_FACE),
        Component(Name.DETECTION, CONFIDENCE.at(seen.confidence), Hint.LOOK_AT_CAMERA),
    )


def _log(value: float) -> float:
    return math.log(max(value, _LEAST))
