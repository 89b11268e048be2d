"""One person, one id: faces of successive frames are joined by where they are and how they move.

Pairs of track and face are taken greedily, the best first. An optimal assignment differs only where two
people contend for the same two faces, and there the gate waits anyway: two faces of like size are
`several_faces`. A lane shows a handful of faces, so all pairs are looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from edge.vision.face import Face

Box = tuple[float, float, float, float]

HISTORY = 32
"""Sightings that a track remembers: about two seconds, enough for motion cues."""

# A head is about 0.15 m wide and a hurried walk 2 m/s: at most some 13 widths a second, and what is
# predicted is most of it. People side by side are more than one width apart.
_REACH_AT_REST = 0.5
_REACH_PER_SECOND = 6.0
_FARTHEST_REACH = 1.5
_MOST_GROWTH = 2.0
_NEW_SHARE = 0.5  # of the newest step in the speed: half smooths the detector's jitter, and still turns


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face and when its frame was taken, in seconds of the monotonic clock."""

    at: float
    face: Face


@dataclass(frozen=True, slots=True)
class Track:
    """One person so far; `sightings` are the newest ones, oldest first. `speed` in pixels a second."""

    id: int
    first_seen: float
    sightings: tuple[Sighting, ...] = field(repr=False)
    speed: tuple[float, float] = (0.0, 0.0)

    @property
    def last_seen(self) -> float:
        """When the person was last found, in seconds."""
        return self.sightings[-1].at

    @property
    def face(self) -> Face:
        """The newest face."""
        return self.sightings[-1].face


class Tracker:
    """Deterministic; time is an argument. A track ends when it was not seen for `lost_after` seconds."""

    def __init__(self, lost_after: float = 0.7) -> None:
        if not lost_after > 0:
            raise ValueError("lost_after is not positive")
        self._lost_after = lost_after
        self._tracks: dict[int, Track] = {}
        self._next_id = 1
        self._now = float("-inf")

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Everyone not lost yet, whether or not the newest frame shows them."""
        return tuple(self._tracks.values())

    def update(self, faces: Sequence[Face], at: float) -> tuple[Track, ...]:
        """Join one frame's faces; one track a face, in the same order. Ids are never used again.

        Raises ValueError if `at` is not later than in the call before.
        """
        if not at > self._now:
            raise ValueError("frames must be given in the order of their time")
        self._now = at
        self._tracks = {
            track.id: track for track in self._tracks.values() if at - track.last_seen <= self._lost_after
        }
        owners = self._assign(faces, at)
        seen = tuple(
            self._begun(face, at) if owner is None else _continued(self._tracks[owner], face, at)
            for face, owner in zip(faces, owners, strict=True)
        )
        self._tracks |= {track.id: track for track in seen}
        return seen

    def _assign(self, faces: Sequence[Face], at: float) -> list[int | None]:
        """For each face the id of its track."""
        pairs = sorted(
            (cost, track.id, number)
            for track in self._tracks.values()
            for number, face in enumerate(faces)
            if (cost := _cost(track, face, at)) is not None
        )
        owners: list[int | None] = [None] * len(faces)
        for _, owner, number in pairs:
            if owners[number] is None and owner not in owners:
                owners[number] = owner
        return owners

    def _begun(self, face: Face, at: float) -> Track:
        track = Track(self._next_id, at, (Sighting(at, face),))
        self._next_id += 1
        return track


def _continued(track: Track, face: Face, at: float) -> Track:
    gap = at - track.last_seen
    step = (_centre(face.box) - _centre(track.face.box)) / gap
    share = _NEW_SHARE if len(track.sightings) > 1 else 1.0
    x, y = (1 - share) * np.asarray(track.speed) + share * step
    sightings = (*track.sightings, Sighting(at, face))[-HISTORY:]
    return replace(track, sightings=sightings, speed=(float(x), float(y)))


def _cost(track: Track, face: Face, at: float) -> float | None:
    """How unlike the expected box the face is, 0 for the same; None where it cannot be the person."""
    gap = at - track.last_seen
    x, y, width, height = track.face.box
    expected = (x + track.speed[0] * gap, y + track.speed[1] * gap, width, height)
    mean_width = (width + face.box[2]) / 2
    away = float(np.linalg.norm(_centre(face.box) - _centre(expected))) / mean_width
    growth = max(width / face.box[2], face.box[2] / width)
    if away > min(_REACH_AT_REST + _REACH_PER_SECOND * gap, _FARTHEST_REACH) or growth > _MOST_GROWTH:
        return None
    return away + 1 - _overlap(expected, face.box)


def _centre(box: Box) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray([box[0] + box[2] / 2, box[1] + box[3] / 2])


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)
