"""A dressed pupil in a pose: every mesh and strand of one frame, and where the face falls in the picture.

Posing bends the neck and lowers the arms with the data's own bone weights; the camera is a pinhole whose
matrix the renderer gets from here, so that the ground truth is geometry rather than a detector's opinion.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from tests.pupils.generator import brows, hair, texture
from tests.pupils.generator.hair import Strands
from tests.pupils.generator.identity import (
    EXPRESSIONS,
    EYE_HEIGHT,
    BaseMesh,
    Floats,
    Ints,
    Pupil,
    express,
    shape,
)

WIDTH: Final = 640
HEIGHT: Final = 480
FOCAL: Final = 720.0
"""Focal length in pixels: a gate camera of about 48 degrees."""


@dataclass(frozen=True)
class Mesh:
    """One surface: vertices (n, 3), quads (m, 4) and texture coordinates of their corners (m, 4, 2)."""

    name: str
    material: str
    vertices: Floats
    faces: Ints
    uv: Floats
    subdivide: int = 0


@dataclass(frozen=True)
class Pose:
    """Head and gaze, in degrees: yaw to the pupil's left, pitch down, roll to the pupil's left shoulder."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    expression: str = "neutral"
    blink: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)
    """Where the eyes point from straight ahead of the head: yaw, pitch."""


@dataclass(frozen=True)
class Camera:
    """Position and axes in the pupil's space (decimetres): rows of ``axes`` are right, up and backward."""

    position: Floats
    axes: Floats

    def project(self, points: Floats) -> Floats:
        """Pixels (n, 2) of points (n, 3)."""
        seen = (points - self.position) @ self.axes.T
        depth = np.maximum(-seen[:, 2], 1e-6)
        out: Floats = np.stack(
            [WIDTH / 2 + FOCAL * seen[:, 0] / depth, HEIGHT / 2 - FOCAL * seen[:, 1] / depth], axis=1
        )
        return out


@dataclass(frozen=True)
class Frame:
    """All that the renderer needs of one pupil in one pose."""

    meshes: list[Mesh] = field(default_factory=list)
    strands: list[Strands] = field(default_factory=list)


def rotation(yaw: float, pitch: float, roll: float) -> Floats:
    """Head rotation matrix; see `Pose` for the signs."""
    a, b, c = np.radians([yaw, pitch, roll])
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    nod = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    tilt = np.array([[np.cos(c), np.sin(c), 0], [-np.sin(c), np.cos(c), 0], [0, 0, 1]])
    out: Floats = turn @ nod @ tilt
    return out


def look_at(position: Floats, target: Floats) -> Camera:
    """A level camera at ``position`` with ``target`` in the middle of its picture."""
    back = (position - target) / np.linalg.norm(position - target)
    right = np.cross([0.0, 1.0, 0.0], back)
    right /= np.linalg.norm(right)
    return Camera(position, np.stack([right, np.cross(back, right), back]))


def relative_angles(pose: Pose, camera: Camera) -> tuple[float, float, float]:
    """Yaw, pitch and roll of the head as the camera sees them, degrees."""
    seen = camera.axes @ rotation(pose.yaw, pose.pitch, pose.roll)
    yaw = np.degrees(np.arctan2(seen[0, 2], seen[2, 2]))
    pitch = np.degrees(-np.arcsin(np.clip(seen[1, 2], -1, 1)))
    roll = np.degrees(np.arctan2(seen[0, 1], seen[1, 1]))
    return round(float(yaw), 1), round(float(pitch), 1), round(float(roll), 1)


def _partial_turn(points: Floats, pivot: Floats, matrix: Floats, share: Floats) -> Floats:
    """Rotate each point by its own share (0..1) of a rotation about a pivot."""
    angle = np.arccos(np.clip((np.trace(matrix) - 1) / 2, -1, 1))
    if angle < 1e-6:
        return points
    axis = np.array([matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1]])
    axis /= 2 * np.sin(angle)
    rel, theta = points - pivot, (share * angle)[..., None]
    out: Floats = (
        pivot
        + rel * np.cos(theta)
        + np.cross(axis, rel) * np.sin(theta)
        + axis * (rel @ axis)[..., None] * (1 - np.cos(theta))
    )
    return out


class Rig:
    """Bone weights of the base mesh, reduced to what a school portrait moves: head, arms."""

    def __init__(self, base: BaseMesh) -> None:
        folder = base.root / "rigs" / "standard"
        weights = json.loads((folder / "weights.default.json").read_text())["weights"]
        rig = json.loads((folder / "rig.default.json").read_text())
        bones = rig.get("bones", rig)
        self.head = np.zeros(len(base.vertices))
        self.arms = {"l": np.zeros(len(base.vertices)), "r": np.zeros(len(base.vertices))}
        self.hands = np.zeros(len(base.vertices))
        neck = {"neck01": 0.25, "neck02": 0.5, "neck03": 0.8}
        for bone, pairs in weights.items():
            index = np.array([int(i) for i, _ in pairs], dtype=np.int64)
            value = np.array([float(w) for _, w in pairs])
            chain = {bone}
            parent = bones.get(bone, {}).get("parent")
            while parent:
                chain.add(parent)
                parent = bones.get(parent, {}).get("parent")
            if "head" in chain:
                self.head[index] += value
            elif bone in neck:
                self.head[index] += neck[bone] * value
            if chain & {"wrist.L", "wrist.R"}:
                self.hands[index] += value
            for side, arm in self.arms.items():
                if f"upperarm01.{side.upper()}" in chain:
                    arm[index] += value
                elif bone == f"shoulder01.{side.upper()}":
                    arm[index] += 0.35 * value


def _smooth_quads(vertices: Floats, faces: Ints, rounds: int) -> Floats:
    """Laplacian smoothing over the edges of a quad mesh."""
    edges = np.concatenate([faces[:, [i, (i + 1) % 4]] for i in range(4)])
    edges = np.concatenate([edges, edges[:, ::-1]])
    count = np.bincount(edges[:, 0], minlength=len(vertices))[:, None]
    out = vertices
    for _ in range(rounds):
        total = np.zeros_like(out)
        np.add.at(total, edges[:, 0], out[edges[:, 1]])
        out = np.where(count > 0, 0.5 * out + 0.5 * total / np.maximum(count, 1), out)
    return out


def _vertex_normals(vertices: Floats, faces: Ints) -> Floats:
    a, b, c, d = (vertices[faces[:, i]] for i in range(4))
    cross = np.cross(c - a, d - b)
    total = np.zeros_like(vertices)
    for i in range(4):
        np.add.at(total, faces[:, i], cross)
    out: Floats = total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    return out


class Figure:
    """One pupil, dressed and combed once, posed many times."""

    def __init__(self, base: BaseMesh, rig: Rig, pupil: Pupil) -> None:
        self.base, self.rig, self.pupil = base, rig, pupil
        self.neutral = self._lower_arms(shape(base, pupil))
        self.neck = base.joint("neck", self.neutral)
        self.pivot = base.joint("head", self.neutral) * [0, 1, 1] + [0, -0.35, -0.15]
        self.cloth = self._shirt()
        self.below = self._below_waist()
        self.collar = self._collar()
        rest = base.vertices[:, 1]
        neck = self.neutral[base.part("body")][
            (rest[base.part("body")] > 5.4) & (rest[base.part("body")] < 6.3)
        ]
        covered = np.concatenate([self.cloth.vertices, self.collar.vertices, neck])
        self.hair = hair.grow(base, pupil, self.neutral, covered)
        self.brows = brows.brows(base, pupil)

    @cached_property
    def face_points(self) -> Ints:
        """Vertices of the face from mid forehead to chin and between the cheeks, for the face box."""
        rest = self.base.vertices
        body = self.base.part("body")
        y = rest[body, 1] - EYE_HEIGHT
        face = (y > -1.02) & (y < 0.55) & (rest[body, 2] > 0.55) & (np.abs(rest[body, 0]) < 0.72)
        out: Ints = body[face]
        return out

    @cached_property
    def face_centre(self) -> Floats:
        """Middle of the neutral face."""
        points = self.neutral[self.face_points]
        out: Floats = (points.min(axis=0) + points.max(axis=0)) / 2
        return out

    def _lower_arms(self, vertices: Floats) -> Floats:
        for side, sign in (("l", 1.0), ("r", -1.0)):
            joint = self.base.joint(f"{side}-shoulder", vertices)
            turn = rotation(0, 0, sign * 30.0)
            vertices = _partial_turn(vertices, joint, turn, np.clip(self.rig.arms[side], 0, 1))
        return vertices

    def _shirt(self) -> Mesh:
        """A loose top over the data's own body stocking."""
        faces = self.base.groups["helper-tights"].faces
        height = self.base.vertices[faces][..., 1].mean(axis=1)
        faces = faces[((height > 0.3) | self._is_arm(faces)) & (height < 6.02)]
        used, flat = np.unique(faces, return_inverse=True)
        quads = flat.reshape(faces.shape).astype(np.int64)
        points = _smooth_quads(self.neutral[used], quads, 6)
        points = points + _vertex_normals(points, quads) * 0.16
        rel = points - self.neck
        uv = np.stack([(rel[:, 0] + 2) / 4, 1 - (0.6 - rel[:, 1]) / 4.6], axis=1)
        return Mesh("shirt", "cloth", points, quads, uv[quads], 1)

    def _is_arm(self, faces: Ints) -> npt.NDArray[np.bool_]:
        """Which quads belong to an arm."""
        share = self.rig.arms["l"] + self.rig.arms["r"]
        out: npt.NDArray[np.bool_] = share[faces].mean(axis=1) > 0.5
        return out

    def _below_waist(self) -> list[Mesh]:
        """Trousers, or a skirt over tights; seen only from afar."""
        legs = self.base.groups["helper-tights"].faces
        legs = legs[(self.base.vertices[legs][..., 1].mean(axis=1) < 0.6) & ~self._is_arm(legs)]
        if self.pupil.sex == "male":
            return [self._garment("trousers", legs, 0.10)]
        skirt = self.base.groups["helper-skirt"].faces
        skirt = skirt[self.base.vertices[skirt][..., 1].mean(axis=1) > -3.4]
        return [self._garment("tights", legs, 0.01), self._garment("skirt", skirt, 0.06)]

    def _garment(self, name: str, faces: Ints, ease: float) -> Mesh:
        used, flat = np.unique(faces, return_inverse=True)
        quads = flat.reshape(faces.shape).astype(np.int64)
        points = self.neutral[used] + _vertex_normals(self.neutral[used], quads) * ease
        return Mesh(name, "trousers", points, quads, np.zeros((*quads.shape, 2)), 1)

    def _hands(self, posed: Floats) -> Mesh:
        faces = self.base.groups["body"].faces
        faces = faces[self.rig.hands[faces].mean(axis=1) > 0.2]
        used, flat = np.unique(faces, return_inverse=True)
        quads = flat.reshape(faces.shape).astype(np.int64)
        return Mesh("hands", "hands", posed[used], quads, np.zeros((*quads.shape, 2)), 1)

    def _ring(self, drop: float, segments: int) -> Floats:
        """Radius of the neck around its axis, per angle from the front, at a tilted loop (segments,)."""
        body = self.base.part("body")
        rest = self.base.vertices[body]
        around = body[(rest[:, 1] > 5.3) & (rest[:, 1] < 6.6) & (np.abs(rest[:, 0]) < 0.58)]
        rel = self.neutral[around] - self.neck
        angle = np.arctan2(rel[:, 0], rel[:, 2])
        distance = np.hypot(rel[:, 0], rel[:, 2])
        out = np.zeros(segments)
        for i, theta in enumerate(np.linspace(-np.pi, np.pi, segments)):
            level = drop - 0.30 * np.cos(theta)
            gap = np.abs((angle - theta + np.pi) % (2 * np.pi) - np.pi)
            weight = np.exp(-((gap / 0.22) ** 2) - ((rel[:, 1] - level) / 0.07) ** 2)
            out[i] = (weight * distance).sum() / max(weight.sum(), 1e-9)
        wrapped = np.concatenate([out[-4:-1], out, out[1:4]])
        smoothed: Floats = np.convolve(wrapped, np.ones(7) / 7, "valid")
        return smoothed

    def _collar(self) -> Mesh:
        """A turned-down shirt collar with a small front gap, resting on the shoulders."""
        segments = 61
        gap = 0.14 if self.pupil.outfit != "blouse" else 0.10
        radius = self._ring(0.24, segments)
        theta = np.linspace(-np.pi + gap, np.pi - gap, segments) + np.pi
        ring_angle = np.linspace(-np.pi, np.pi, segments)
        radius = np.interp((theta + np.pi) % (2 * np.pi) - np.pi, ring_angle, radius)
        facing = np.cos(theta)
        level = 0.10 - 0.30 * facing
        front = np.clip(facing, 0, 1) ** 3
        round_collar = self.pupil.outfit == "blouse"
        reach = np.full(segments, 0.34) if round_collar else 0.16 + 0.12 * front
        fall = 0.28 if round_collar else 0.26 + 0.24 * front
        if round_collar:
            edge = np.clip((np.pi - np.abs(theta - np.pi)) / 0.5, 0, 1)
            reach = reach * np.sqrt(edge)
        profile = [(0.035, -0.20), (0.04, 0.02), (0.055, 0.17), (0.085, 0.205), (0.12, 0.18)]
        rows = [(radius + out, level + up) for out, up in profile]
        for share in (0.35, 0.7, 1.0):
            rows.append((radius + 0.12 + reach * share * 0.8, level + 0.18 - fall * share))
        points = np.stack([self._round(theta, r, h) for r, h in rows])
        grid = points.reshape(-1, 3)
        grid = self._over_shirt(grid, np.repeat(np.arange(len(rows)) >= 4, segments))
        n = segments
        quads = [
            [r * n + c, r * n + c + 1, (r + 1) * n + c + 1, (r + 1) * n + c]
            for r in range(len(rows) - 1)
            for c in range(n - 1)
        ]
        faces = np.array(quads, dtype=np.int64)
        return Mesh("collar", "collar", grid, faces, np.zeros((*faces.shape, 2)), 1)

    def _round(self, theta: Floats, radius: Floats, level: Floats) -> Floats:
        out: Floats = self.neck + np.stack([np.sin(theta) * radius, level, np.cos(theta) * radius], axis=1)
        return out

    def _over_shirt(self, points: Floats, move: np.ndarray) -> Floats:
        """Push points that sank into the shirt out of it, along the shirt's normals."""
        normals = _vertex_normals(self.cloth.vertices, self.cloth.faces)
        out = points.copy()
        for _ in range(3):
            nearest = ((out[:, None] - self.cloth.vertices[None]) ** 2).sum(axis=2).argmin(axis=1)
            over = ((out - self.cloth.vertices[nearest]) * normals[nearest]).sum(axis=1)
            out += normals[nearest] * (np.clip(0.045 - over, 0, 0.4) * move)[:, None]
        return out

    # -------------------------------------------------------------------------------- posing

    def _share(self, points: Floats) -> Floats:
        """How much of the head's turn a point of hair follows: all at the skull, none at the shoulders."""
        level = points[..., 1] - self.neck[1]
        t = np.clip((level - 0.0) / 0.75, 0, 1)
        out: Floats = t * t * (3 - 2 * t)
        return out

    def head_points(self, pose: Pose) -> Floats:
        """All base-mesh vertices with the pose's expression and head turn."""
        vertices = express(self.base, self.pupil, self.neutral, pose.expression, pose.blink)
        return _partial_turn(vertices, self.pivot, self._matrix(pose), np.clip(self.rig.head, 0, 1))

    def _matrix(self, pose: Pose) -> Floats:
        return rotation(pose.yaw, pose.pitch, pose.roll)

    def face_box(self, vertices: Floats, camera: Camera) -> tuple[int, int, int, int]:
        """x, y, width and height in pixels of the face in a posed mesh."""
        pixels = camera.project(vertices[self.face_points])
        low, high = np.floor(pixels.min(axis=0)), np.ceil(pixels.max(axis=0))
        return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])

    def frame(self, pose: Pose) -> Frame:
        """Everything visible, posed."""
        base, matrix = self.base, self._matrix(pose)
        posed = self.head_points(pose)
        meshes = [self._skin(posed), self.cloth, self.collar, *self.below, self._hands(posed)]
        for side in "lr":
            meshes.append(self._eye(side, pose, matrix))
        if EXPRESSIONS[pose.expression].get("mouth-open"):
            meshes += [self._part(f"helper-{jaw}-teeth", "teeth", posed) for jaw in ("upper", "lower")]
            meshes.append(self._part("helper-tongue", "tongue", posed))
        strands = [
            Strands(s.name, _partial_turn(s.points, self.pivot, matrix, self._share(s.points)), s.radius)
            for s in self.hair
        ]
        strands.append(Strands("brows", self.brows.at(posed), np.array([0.8, 1.0, 0.9, 0.7, 0.35]) * 0.0032))
        strands.append(
            Strands(
                "lashes", brows.lashes(base, posed, self.pupil.seed), np.array([1.0, 0.9, 0.6, 0.3]) * 0.0038
            )
        )
        return Frame(meshes, strands)

    def _part(self, name: str, material: str, posed: Floats) -> Mesh:
        faces = self.base.groups[name].faces
        used, flat = np.unique(faces, return_inverse=True)
        quads = flat.reshape(faces.shape).astype(np.int64)
        return Mesh(name, material, posed[used], quads, np.zeros((*quads.shape, 2)), 1)

    def _skin(self, posed: Floats) -> Mesh:
        body = self.base.groups["body"]
        keep = self.base.vertices[body.faces][..., 1].mean(axis=1) > 5.15
        faces, corners = body.faces[keep], body.corners[keep]
        middle = np.abs(self.base.vertices[faces][..., 0]).mean(axis=1) < 1.0
        faces, corners = faces[middle], corners[middle]
        used, flat = np.unique(faces, return_inverse=True)
        quads = flat.reshape(faces.shape).astype(np.int64)
        return Mesh("skin", "skin", posed[used], quads, texture.head_uv(self.base.texture)[corners], 2)

    def _eye(self, side: str, pose: Pose, matrix: Floats) -> Mesh:
        """An eyeball with a corneal bulge, turned to its gaze; its texture is a front view."""
        ball = self.neutral[self.base.part(f"helper-{side}-eye")]
        low, high = ball.min(axis=0), ball.max(axis=0)
        radius = float(max(high[0] - low[0], high[1] - low[1])) / 2
        centre = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2] + radius])
        rings, around = 40, 48
        polar, turn = np.meshgrid(
            np.linspace(0, np.pi, rings), np.linspace(0, 2 * np.pi, around + 1), indexing="ij"
        )
        unit = np.stack(
            [np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], axis=2
        ).reshape(-1, 3)
        swell = 1 + 0.045 * np.clip(1 - (polar.reshape(-1) / 0.52) ** 2, 0, 1)
        aim = rotation(pose.gaze[0], pose.gaze[1], 0)
        local = (unit * (radius * swell)[:, None]) @ aim.T + centre
        points = _partial_turn(local, self.pivot, matrix, np.ones(len(local)))
        r, c = np.meshgrid(np.arange(rings - 1), np.arange(around), indexing="ij")
        first = r * (around + 1) + c
        quads = (
            np.stack([first, first + around + 1, first + around + 2, first + 1], axis=2)
            .reshape(-1, 4)
            .astype(np.int64)
        )
        uv = np.where(unit[:, 2:] > 0, unit[:, :2] * 0.5 + 0.5, 0.01)
        return Mesh(f"eye-{side}", "eye", points, quads, uv[quads])
