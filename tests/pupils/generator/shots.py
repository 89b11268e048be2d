"""What to photograph: the light of each picture, and every pupil's pose, place and expression in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.pupils.generator.figure import Camera, Figure, Pose, look_at
from tests.pupils.generator.identity import Colour, Pupil, stable_seed

LOBBIES: Final = 5
SEQUENCE_FRAMES: Final = 12
PERIOD: Final = 0.1
"""Seconds between the frames of a walk."""

# ------------------------------------------------------------------------------------- light


@dataclass(frozen=True)
class Lamp:
    """A square lamp placed from the face (decimetres)."""

    place: tuple[float, float, float]
    watts: float
    size: float
    colour: Colour = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Light:
    """Ambient colour, lamps, exposure in stops, and what the same light does to the room behind."""

    ambient: Colour
    lamps: tuple[Lamp, ...]
    exposure: float = 0.0
    room: float = 1.0


DAY: Final = (0.88, 0.95, 1.0)
BULB: Final = (1.0, 0.86, 0.68)
CEILING: Final = Lamp((0.0, 16.0, 6.0), 26.0, 1.6, (1.0, 0.97, 0.92))
FRONT: Final = Lamp((3.0, 3.0, 18.0), 12.0, 1.2)
RIM: Final = Lamp((-8.0, 8.0, -14.0), 14.0, 0.8)

LAMP_GAIN: Final = 0.6

LIGHTS: Final[Mapping[str, Light]] = {
    "neutral": Light(
        (0.30, 0.30, 0.31),
        (CEILING, Lamp((6.0, 5.0, 16.0), 22.0, 1.2), Lamp((-8.0, 3.0, 14.0), 10.0, 1.2), RIM),
    ),
    "window left": Light(
        (0.24, 0.25, 0.27), (Lamp((15.0, 5.0, 8.0), 55.0, 1.4, DAY), CEILING, RIM), 0.0, 1.0
    ),
    "window right": Light(
        (0.24, 0.25, 0.27), (Lamp((-15.0, 5.0, 8.0), 55.0, 1.4, DAY), CEILING, FRONT), 0.0, 1.0
    ),
    "overhead": Light(
        (0.26, 0.26, 0.25), (Lamp((0.0, 18.0, 5.0), 70.0, 1.0, (1.0, 0.97, 0.90)), FRONT), 0.0, 0.95
    ),
    "dim": Light((0.20, 0.20, 0.22), (CEILING, FRONT), -0.35, 0.55),
    "warm": Light((0.28, 0.25, 0.21), (Lamp((5.0, 10.0, 14.0), 42.0, 0.9, BULB), CEILING, RIM), 0.0, 0.9),
    "backlit": Light(
        (0.30, 0.31, 0.33), (Lamp((8.0, 8.0, -14.0), 60.0, 1.4, DAY), FRONT, CEILING), 0.0, 1.45
    ),
}


# ------------------------------------------------------------------------------------- shots


@dataclass(frozen=True)
class Shot:
    """One picture to take: pose, light, distance of the camera (metres) and where the face sits in the
    picture.
    """

    name: str
    pose: Pose
    light: str
    metres: float
    offset: tuple[float, float]
    """Decimetres that the camera aims beside the face: right, up."""
    rise: float
    """Decimetres that the camera stands over the face."""
    lobby: int
    step: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """For a sequence: where the pupil's head is, from where it will end."""


SECOND_TAKES: Final = frozenset({("p16", "gate_5"), ("p23", "gate_4")})
"""Shots that dlib's HOG detector missed; taken again with half the turn, in neutral light."""

GATE_LIGHTS: Final = ("window left", "overhead", "warm", "window right", "dim", "backlit", "neutral")
GATE_FACES: Final = ("neutral", "slight smile", "smile", "speaking", "brows up", "squint", "neutral")


def _eyes_on_camera(yaw: float, pitch: float, share: float) -> tuple[float, float]:
    """Gaze that turns the eyes back to the camera by a share, as far as eyes go."""
    return float(np.clip(-yaw * share, -18, 18)), float(np.clip(-pitch * share, -10, 10))


def portraits(pupil: Pupil) -> Iterator[Shot]:
    """Three enrolment and five gate shots."""
    rng = np.random.default_rng(stable_seed(pupil.id, "shots"))
    lobby = int(rng.integers(LOBBIES))
    for k, (yaw, face) in enumerate(((0.0, "neutral"), (13.0, "neutral"), (-13.0, "slight smile")), start=1):
        turn, nod, tilt = (
            yaw + float(rng.normal(0, 1.2)),
            float(rng.normal(0, 1.5)),
            float(rng.normal(0, 1.2)),
        )
        pose = Pose(turn, nod, tilt, face, 0.0, _eyes_on_camera(turn, nod, 0.9))
        offset = (float(rng.normal(0, 0.15)), float(rng.normal(-0.2, 0.1)))
        yield Shot(f"enrol_{k}", pose, "neutral", float(rng.uniform(0.50, 0.58)), offset, 0.1, lobby)
    turns = rng.permutation([-27.0, -14.0, 3.0, 15.0, 26.0]) + rng.normal(0, 2.5, 5)
    nods = rng.permutation([-12.0, -5.0, 1.0, 6.0, 12.0]) + rng.normal(0, 1.5, 5)
    nods = np.where(np.abs(turns) > 20, nods * 0.6, nods)
    reach = rng.permutation([0.47, 0.56, 0.70, 0.88, 1.06]) * rng.uniform(0.97, 1.04, 5)
    lights, faces = rng.permutation(list(GATE_LIGHTS)), rng.permutation(list(GATE_FACES))
    for k in range(5):
        turn, nod, tilt = float(turns[k]), float(nods[k]), float(np.clip(rng.normal(0, 4), -8, 8))
        light = str(lights[k])
        if (pupil.id, f"gate_{k + 1}") in SECOND_TAKES:
            turn, nod, tilt, light = turn / 2, nod / 2, tilt / 2, "neutral"
        pose = Pose(
            turn, nod, tilt, str(faces[k]), 0.0, _eyes_on_camera(turn, nod, float(rng.uniform(0.3, 0.9)))
        )
        wide = float(reach[k])
        offset = (float(rng.uniform(-1, 1)) * wide * 1.3, float(rng.uniform(-0.9, 0.5)) * wide)
        lobby = int(rng.integers(LOBBIES))
        yield Shot(f"gate_{k + 1}", pose, light, wide, offset, float(rng.normal(0, 0.5)) * wide, lobby)


def approach(pupil: Pupil, straight: bool = False) -> Iterator[Shot]:
    """A walk up to the gate: two steps a second, a glance aside that comes back, one blink, a smile.

    With `straight` the same walk without glance, blink and smile.
    """
    rng = np.random.default_rng(stable_seed(pupil.id, "approach"))
    light = str(rng.choice(["neutral", "window left", "window right", "overhead"]))
    lobby, sway = int(rng.integers(LOBBIES)), float(rng.uniform(0, 2 * np.pi))
    aside = float(rng.choice([-1, 1]) * rng.uniform(13, 20))
    blink_at = int(rng.integers(6, 10))
    if straight:
        aside, blink_at = 0.0, -SEQUENCE_FRAMES
    near = 0.50
    for i in range(SEQUENCE_FRAMES):
        t = i * PERIOD
        left = 1 - i / (SEQUENCE_FRAMES - 1)
        ahead = 1.35 * left**1.08
        beat = 2 * np.pi * 2.0 * t
        step = (0.18 * np.sin(beat / 2 + sway) + 0.5 * left, 0.16 * np.cos(beat) - 0.1, -10 * ahead)
        turn = aside * np.exp(-(((left - 0.72) / 0.30) ** 2)) + 2.0 * np.sin(beat / 2 + sway)
        nod = 2.0 * np.cos(beat + 0.6) + 4.0 * left
        lid = {-1: 0.55, 0: 1.0, 1: 0.45}.get(i - blink_at, 0.0)
        face = "slight smile" if left < 0.35 and not straight else "neutral"
        pose = Pose(
            float(turn),
            float(nod),
            float(1.5 * np.sin(beat / 2)),
            face,
            lid,
            _eyes_on_camera(float(turn), float(nod), 0.75),
        )
        place = (float(step[0]), float(step[1]), float(step[2]))
        yield Shot(f"approach/{i:02d}", pose, light, near, (0.0, -0.25), 0.1, lobby, place)


def camera_for(figure: Figure, shot: Shot) -> Camera:
    """The camera of a shot, in the pupil's space. A walking pupil stays put and the gate comes nearer
    instead.
    """
    face = figure.face_centre
    here = face - np.array(shot.step) * [1, 1, 0]
    position = here + np.array([0.0, shot.rise, shot.metres * 10 - shot.step[2]])
    aim = position.copy()
    aim[:2] = here[:2] + np.array(shot.offset)
    aim[2] = face[2]
    if any(shot.step):
        aim = position + np.array([0.0, shot.offset[1] / 5.0, -1.0])
    return look_at(position, aim)


def shots_of(pupil: Pupil, only: str | None, straight: bool = False) -> list[Shot]:
    """Every shot of a pupil, or those whose name starts with one of the comma-separated ``only``."""
    shots = [*portraits(pupil), *approach(pupil, straight)]
    return [s for s in shots if only is None or s.name.startswith(tuple(only.split(",")))]
