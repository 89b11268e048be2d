"""Head hair as strands: polylines grown over a pupil's head with numpy alone.

Head hair is grown step by step: each strand leaves its root, follows the style's comb direction, is bent by
gravity and is pushed out of the head (a radius map around the skull's centre) and off the shoulders (a
depth map).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from tests.pupils.generator.identity import EYE_HEIGHT, BaseMesh, Floats, Ints, Pupil
from tests.pupils.generator.texture import hair_depth

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Strands:
    """Polylines (n, k, 3) with the radius along each of them (k,), in decimetres."""

    name: str
    points: Floats
    radius: Floats


@dataclass(frozen=True)
class Style:
    """How a head of hair is cut and combed. Lengths in decimetres."""

    top: float
    sides: float
    lift: float = 0.0
    """How far strands stand off the skin, as a share of the normal in their first direction."""
    comb: str = "down"
    parting: float | None = None
    """Where the hair parts, in decimetres from the middle; none: a whorl at the crown."""
    fringe: bool = False
    wave: float = 0.0
    thickness: float = 0.07
    count: int = 9000
    knots: tuple[tuple[float, float, float], ...] = ()
    """For tied hair, where it is gathered, from the skull's centre."""
    tail: float = 0.0


STYLES: Final[Mapping[str, Style]] = {
    "crop": Style(top=0.30, sides=0.11, lift=0.75, comb="forward", count=15000, thickness=0.03),
    "side": Style(top=0.58, sides=0.15, lift=0.20, comb="side", parting=0.42, count=14000, thickness=0.07),
    "fringe": Style(top=0.72, sides=0.42, lift=0.25, comb="forward", fringe=True, count=13000),
    "curly": Style(top=0.42, sides=0.26, lift=1.4, comb="forward", wave=0.055, count=15000, thickness=0.05),
    "bob": Style(top=1.75, sides=1.25, parting=0.18, count=15000, thickness=0.09),
    "bob fringe": Style(top=1.65, sides=1.2, fringe=True, parting=0.0, count=15000, thickness=0.09),
    "long": Style(top=3.6, sides=2.9, parting=0.05, wave=0.02, count=15000, thickness=0.09),
    "long fringe": Style(top=3.5, sides=2.9, fringe=True, parting=0.0, count=15000, thickness=0.09),
    "tied": Style(
        top=2.2, sides=1.6, comb="knot", lift=0.5, knots=((0.0, -0.30, -1.0),), tail=2.4, count=13000,
        thickness=0.10,
    ),
    "pigtails": Style(
        top=2.0, sides=1.4, comb="knot", knots=((0.80, -0.42, -0.42), (-0.80, -0.42, -0.42)), tail=2.3,
        parting=0.0, lift=0.4, count=13000, thickness=0.09,
    ),
}  # fmt: skip


class Skull:
    """Distance from a head without ears: a radius for each direction from the skull's centre."""

    def __init__(self, base: BaseMesh, vertices: Floats) -> None:
        rest = base.vertices
        body = base.part("body")
        ears = (np.abs(rest[:, 0]) > 0.70) & (rest[:, 1] < EYE_HEIGHT + 0.22) & (rest[:, 2] < 0.62)
        head = body[(rest[body, 1] > EYE_HEIGHT - 1.0) & ~ears[body]]
        crown = vertices[head]
        low, high = crown.min(axis=0), crown.max(axis=0)
        eyes = vertices[base.part("helper-l-eye")].mean(axis=0)
        self.centre = np.array([0.0, eyes[1] + 0.18, (low[2] + high[2]) / 2 - 0.12])
        self.scale = float(high[1] - eyes[1]) / 1.2
        rel = crown - self.centre
        grid = np.zeros((48, 96), np.float64)
        row, column = self._cell(rel)
        np.maximum.at(grid, (row.astype(int), column.astype(int)), np.linalg.norm(rel, axis=1))
        filled = grid.copy()
        for _ in range(40):
            spread = cv2.dilate(np.hstack([filled[:, -4:], filled, filled[:, :4]]), np.ones((3, 3)))[:, 4:-4]
            filled = np.where(filled > 0, filled, spread)
        wrapped = np.hstack([filled[:, -8:], filled, filled[:, :8]])
        self.grid = cv2.GaussianBlur(wrapped, (0, 0), 1.2)[:, 8:-8]

    def _cell(self, rel: Floats) -> tuple[Floats, Floats]:
        unit = rel / np.maximum(np.linalg.norm(rel, axis=-1, keepdims=True), 1e-9)
        row = np.arccos(np.clip(unit[..., 1], -1, 1)) / np.pi * 47.999
        column = (np.arctan2(unit[..., 0], unit[..., 2]) / (2 * np.pi) % 1.0) * 95.999
        return row, column

    def radius(self, rel: Floats) -> Floats:
        """Radius of the head along directions (n, 3), bilinear."""
        row, column = self._cell(rel)
        r0, c0 = row.astype(int), column.astype(int)
        fr, fc = row - r0, column - c0
        r1, c1 = np.minimum(r0 + 1, 47), (c0 + 1) % 96
        g = self.grid
        out: Floats = (g[r0, c0] * (1 - fc) + g[r0, c1] * fc) * (1 - fr) + (
            g[r1, c0] * (1 - fc) + g[r1, c1] * fc
        ) * fr
        return out

    def push_out(self, points: Floats, gap: Floats) -> Floats:
        """Points moved out to at least ``gap`` over the skin."""
        rel = points - self.centre
        distance = np.linalg.norm(rel, axis=1)
        lack = np.where(rel[:, 1] > -0.95 * self.scale, self.radius(rel) + gap - distance, 0.0)
        out: Floats = points + rel / np.maximum(distance, 1e-9)[:, None] * np.maximum(lack, 0)[:, None]
        return out


class Shoulders:
    """Depth maps of the clothed chest and back, so that long hair lies on them."""

    def __init__(self, cloth: Floats) -> None:
        self.low = np.array([-2.4, float(cloth[:, 1].min())])
        self.step = 0.1
        shape = np.ceil((np.array([2.4, cloth[:, 1].max() + 0.2]) - self.low) / self.step).astype(int)
        inside = np.abs(cloth[:, 0]) < 2.3
        cell = tuple(((cloth[inside, :2] - self.low) / self.step).astype(int).T)
        self.front = np.full(shape, -9.0)
        self.back = np.full(shape, 9.0)
        np.maximum.at(self.front, cell, cloth[inside, 2])
        np.minimum.at(self.back, cell, cloth[inside, 2])
        self.front = cv2.GaussianBlur(cv2.dilate(self.front, np.ones((3, 3))), (0, 0), 0.8)
        self.back = cv2.GaussianBlur(cv2.erode(self.back, np.ones((3, 3))), (0, 0), 0.8)
        self.known = self.front > -3

    def push_out(self, points: Floats, gap: Floats) -> Floats:
        """Points inside the body moved to its nearer face."""
        cell = ((points[:, :2] - self.low) / self.step).astype(int)
        ok = ((cell >= 0) & (cell < self.front.shape)).all(axis=1)
        cell = np.clip(cell, 0, np.array(self.front.shape) - 1)
        at = (cell[:, 0], cell[:, 1])
        ok &= self.known[at]
        front, back = self.front[at] + gap, self.back[at] - gap
        z = points[:, 2]
        inside = ok & (z < front) & (z > back)
        forward = (z > (front + back) / 2) & (np.abs(points[:, 0]) > 0.58)
        out = points.copy()
        out[:, 2] = np.where(inside, np.where(forward, front, back), z)
        return out


def normals_of(vertices: Floats, faces: Ints) -> Floats:
    """One unit normal a quad."""
    a, b, c, d = (vertices[faces[:, i]] for i in range(4))
    cross = np.cross(c - a, d - b)
    out: Floats = cross / np.maximum(np.linalg.norm(cross, axis=1, keepdims=True), 1e-12)
    return out


def _roots(
    base: BaseMesh, vertices: Floats, count: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Random roots on the scalp: points, normals, and depth above the hairline."""
    faces = base.groups["body"].faces
    rest = base.vertices[faces]
    deep = hair_depth(rest).max(axis=1) > -0.02
    ears = (np.abs(rest[..., 0]).mean(axis=1) > 0.745) & (rest[..., 1].mean(axis=1) < EYE_HEIGHT + 0.20)
    faces = faces[deep & ~ears & (rest[..., 1].mean(axis=1) > EYE_HEIGHT - 0.75)]
    corner = vertices[faces]
    area = np.linalg.norm(np.cross(corner[:, 2] - corner[:, 0], corner[:, 3] - corner[:, 1]), axis=1)
    pick = rng.choice(len(faces), size=count, p=area / area.sum())
    u, v = rng.random((2, count, 1))
    weights = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=1)
    points = (corner[pick] * weights).sum(axis=1)
    source = (base.vertices[faces][pick] * weights).sum(axis=1)
    depth = hair_depth(source)
    keep = depth > rng.uniform(-0.03, 0.10, count)
    return points[keep], normals_of(vertices, faces)[pick][keep], depth[keep]


@dataclass(frozen=True)
class Roots:
    """Where strands start and what each of them is meant to do; every array has one row a strand."""

    points: Floats
    normals: Floats
    length: Floats
    gap: Floats
    """Height over the skin that the strand keeps."""
    side: Floats
    """Which side of the parting it falls to: -1 or 1."""
    fringe: Bools
    knot: Floats | None
    """Where it is tied."""


def unit(vectors: Floats) -> Floats:
    """Vectors of length one."""
    out: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return out


def _comb(style: Style, points: Floats, skull: Skull, roots: Roots) -> Floats:
    """Wanted directions before gravity, (n, 3)."""
    rel = (points - skull.centre) / skull.scale
    ahead = np.zeros_like(rel)
    if roots.knot is not None:
        return unit(roots.knot - points)
    if style.comb == "forward":
        ahead[:, 2] = np.where(rel[:, 2] > -0.55, 1.0, -0.15)
        ahead[:, 0] = 0.25 * rel[:, 0] + 0.12
        ahead[:, 1] = -0.25
        return unit(ahead)
    if style.comb == "side":
        high = np.clip((rel[:, 1] - 0.55) / 0.30, 0, 1)
        ahead[:, 0] = roots.side * 0.9 * high
        ahead[:, 1] = -1.0 * (1 - high)
        ahead[:, 2] = np.where(rel[:, 2] > -0.2, 0.40, -0.5) * high
        return unit(ahead)
    crown = np.clip((rel[:, 1] - 0.45) / 0.4, 0, 1)
    ahead[:, 0] = roots.side * crown * 1.0
    ahead[:, 1] = -0.35
    ahead[:, 2] = -0.55 * crown - 0.15 * (rel[:, 2] < 0.6)
    forward = np.stack([0.25 * rel[:, 0], np.full(len(rel), -0.30), np.ones(len(rel))], axis=1)
    return unit(np.where(roots.fringe[:, None], forward, ahead))


def grow(base: BaseMesh, pupil: Pupil, vertices: Floats, cloth: Floats) -> list[Strands]:
    """The pupil's head hair over the neutral head, clothed shoulders given as points."""
    style = STYLES[pupil.style]
    rng = np.random.default_rng(pupil.seed * 101 + 11)
    skull, shoulders = Skull(base, vertices), Shoulders(cloth)
    roots, normals, depth = _roots(base, vertices, style.count, rng)
    n = len(roots)
    rel = (roots - skull.centre) / skull.scale
    parting = style.parting if style.parting is not None else 0.0
    flip = 1.0 if pupil.seed % 2 else -1.0
    side = np.sign(rel[:, 0] * flip - parting + rng.normal(0, 0.015, n)) * flip
    fringe = np.zeros(n, bool)
    if style.fringe:
        spread = np.abs(rel[:, 0])
        fringe = (rel[:, 2] > 0.18 + 0.4 * spread) & (spread < 0.62) & (rel[:, 1] > 0.3)
    upper = np.clip((rel[:, 1] - 0.05) / 0.55, 0, 1)
    length = (style.sides + (style.top - style.sides) * upper) * rng.uniform(0.86, 1.04, n) * skull.scale
    length *= np.clip(0.45 + depth / 0.25, 0.45, 1.0) if style.top < 1.0 else 1.0
    if style.fringe:
        brow = vertices[base.part("helper-l-eye")][:, 1].mean() + 0.30 * skull.scale
        reach = np.hypot(
            roots[:, 1] - brow, 0.9 * np.maximum(0, 1.15 * skull.scale - rel[:, 2] * skull.scale)
        )
        length = np.where(fringe, reach * rng.uniform(0.92, 1.06, n), length)
    if style.comb == "side":
        length = np.where(side == flip, 0.5 * length, length)
    knot: Floats | None = None
    if style.knots:
        places = np.array(style.knots) * skull.scale + skull.centre
        nearest = np.linalg.norm(roots[:, None] - places[None], axis=2).argmin(axis=1)
        if len(places) == 2:
            nearest = np.where(side > 0, 0, 1)
        knot = places[nearest]
        length = np.linalg.norm(knot - roots, axis=1) * 1.35
    gap = style.thickness * rng.uniform(0.08, 1.0, n) * np.clip(depth / 0.2, 0.12, 1)
    started = Roots(roots, normals, length, gap, side, fringe, knot)
    strands = _walk(style, started, skull, shoulders, rng)
    if style.knots:
        strands = strands[~_crosses_face(strands, skull)]
    strands = _clump(strands, rng, 0.55 if style.wave > 0.03 else 0.35)
    if style.wave:
        strands = _wave(strands, style.wave, rng)
    radius = np.linspace(1.0, 0.45, strands.shape[1]) * (0.0036 if style.top < 1 else 0.0044)
    out = [Strands("hair", strands, radius)]
    if style.knots:
        out += _tails(style, np.array(style.knots) * skull.scale + skull.centre, skull, shoulders, rng)
    return out


def _walk(style: Style, roots: Roots, skull: Skull, shoulders: Shoulders, rng: np.random.Generator) -> Floats:
    """Grow the strands: points (n, steps, 3)."""
    steps = 7 if style.top < 1.0 else 18
    stray = rng.normal(0, 0.10, (len(roots.points), 3))
    direction = unit(_comb(style, roots.points, skull, roots) + stray + roots.normals * (0.15 + style.lift))
    at = roots.points.copy()
    path = [roots.points]
    short = style.top < 1.0
    for i in range(1, steps):
        want = _comb(style, at, skull, roots) + stray
        fall = 0.10 if short else np.clip(i / steps * 2.2, 0.15, 1.6)
        if roots.knot is not None:
            fall = 0.0
        want[:, 1] -= fall
        rel = at - skull.centre
        out = unit(rel)
        close = np.linalg.norm(rel, axis=1) - skull.radius(rel) < roots.gap + 0.05
        want -= out * ((want * out).sum(axis=1) * close)[:, None]
        keep = 0.55 if style.comb == "side" else 0.72 if short else 0.45
        hug = (0.16 if style.comb == "side" else 0.03 if short else 0.10) * (rel[:, 1] > -0.25 * skull.scale)
        direction = unit(direction * keep + unit(want) * (1 - keep) - out * hug[:, None])
        step = (roots.length / (steps - 1))[:, None]
        if roots.knot is not None:
            step = np.minimum(step, np.linalg.norm(roots.knot - at, axis=1, keepdims=True) * 0.6)
        at = skull.push_out(at + direction * step, roots.gap * min(1.0, i / 2))
        if style.comb == "down":
            at = _off_face(at, skull, roots)
        at = shoulders.push_out(at, roots.gap * 0.6 + 0.03)
        path.append(at)
    return np.stack(path, axis=1)


def _crosses_face(strands: Floats, skull: Skull) -> Bools:
    """Strands that took the way over the face to their knot."""
    rel = (strands - skull.centre) / skull.scale
    over = (rel[..., 2] > 0.40) & (np.abs(rel[..., 0]) < 0.66) & (rel[..., 1] < 0.40)
    out: Bools = over.any(axis=1)
    return out


def _off_face(points: Floats, skull: Skull, roots: Roots) -> Floats:
    """Loose hair drawn aside from the face, as if pushed behind the cheekbones; a fringe is left alone."""
    rel = (points - skull.centre) / skull.scale
    edge = 0.66 + 1.2 * roots.gap + 0.10 * np.clip(0.5 - rel[:, 1], 0, 0.8)
    lack = edge - np.abs(rel[:, 0])
    move = (rel[:, 2] > 0.25) & (rel[:, 1] < 0.52) & (lack > 0) & ~roots.fringe
    ease = np.clip((0.52 - rel[:, 1]) / 0.3, 0, 1)
    out = points.copy()
    out[:, 0] += np.where(
        move,
        np.where(np.abs(rel[:, 0]) > 0.1, np.sign(rel[:, 0]), roots.side) * lack * ease * skull.scale * 0.8,
        0.0,
    )
    out[:, 2] -= np.where(move, lack * ease * skull.scale * 0.35, 0.0)
    return out


def _clump(strands: Floats, rng: np.random.Generator, strength: float) -> Floats:
    """Draw the tips of neighbouring strands together, so that hair falls in locks."""
    n, k, _ = strands.shape
    leaders = rng.choice(n, size=max(60, n // 28), replace=False)
    roots = strands[:, 0]
    lead = leaders[((roots[:, None] - roots[leaders][None]) ** 2).sum(axis=2).argmin(axis=1)]
    share = strength * rng.uniform(0.3, 1.3, (n, 1, 1)) * (np.linspace(0, 1, k) ** 1.3)[None, :, None]
    target = strands[lead] + (roots - roots[lead])[:, None] * 0.35
    far = np.linalg.norm(strands[:, -1] - strands[lead][:, -1], axis=1) > 0.5
    share[far] = 0
    out: Floats = strands + (target - strands) * np.clip(share, 0, 0.9)
    return out


def _wave(strands: Floats, size: float, rng: np.random.Generator) -> Floats:
    n, k, _ = strands.shape
    along = np.linspace(0, 1, k)[None, :]
    cell = np.floor(strands[:, 0] / 0.16)
    phase = (cell * [12.9, 78.2, 37.7]).sum(axis=1, keepdims=True) + rng.normal(0, 0.5, (n, 1))
    turns = 2 * np.pi * (2.6 if size < 0.03 else 1.6)
    shift = np.stack(
        [
            np.sin(along * turns + phase),
            0.4 * np.sin(along * turns + 2 * phase),
            np.cos(along * turns + phase),
        ],
        2,
    )
    out: Floats = strands + shift * size * np.sqrt(along)[..., None]
    return out


def _tails(
    style: Style, knots: Floats, skull: Skull, shoulders: Shoulders, rng: np.random.Generator
) -> list[Strands]:
    """The hanging part of tied hair and the bands that hold it."""
    out = []
    for index in range(len(knots)):
        knot: Floats = knots[index]
        n, k = 1400, 16
        t = np.linspace(0, 1, k)[None, :, None]
        start = np.array([np.sign(knot[0]) * 0.25, -0.1, 0.15])
        if len(knots) == 1:
            start = np.array([0.45, -0.25, 0.0])
        ball = unit(rng.normal(size=(n, 3))) * np.sqrt(rng.random((n, 1)))
        length = style.tail * skull.scale * rng.uniform(0.75, 1.0, (n, 1, 1))
        bulge = (0.05 + 0.13 * np.sin(np.pi * np.clip(t * 1.05, 0, 1)) ** 0.7) * skull.scale
        line = knot + _tail_line(len(knots) == 1, float(np.sign(float(knot[0]))), t, length, skull.scale)
        points = line + ball[:, None] * bulge
        for i in range(1, k):
            points[:, i] = skull.push_out(points[:, i], np.full(n, 0.03))
            points[:, i] = shoulders.push_out(points[:, i], np.full(n, 0.06) + 0.08 * (ball[:, 2] + 1))
        out.append(Strands(f"tail{index}", points, np.linspace(1, 0.4, k) * 0.0036))
        ring = rng.uniform(0, 2 * np.pi, 500)
        turn = ring[:, None] + np.linspace(0, 1.0, 8)[None]
        axis = unit(start)
        across = unit(np.cross(axis, [0.3, 0.2, 1.0]))
        other = np.cross(axis, across)
        wide = 0.115 * skull.scale
        band = knot + (np.cos(turn)[..., None] * across + np.sin(turn)[..., None] * other) * wide
        band = band + axis * rng.uniform(-0.05, 0.05, (500, 1, 1))
        out.append(Strands(f"band{index}", band, np.full(8, 0.012)))
    return out


def _tail_line(single: bool, sign: float, t: Floats, length: Floats, scale: float) -> Floats:
    """Centre line of a tail from its knot: two hang by the neck, a single one lies over a shoulder."""
    if not single:
        start, drift = np.array([sign * 0.25, -0.1, 0.15]), np.array([sign * 0.25, -1.0, 0.35])
        out: Floats = start * np.clip(t * 3, 0, 1) + drift * length * t * np.clip(t * 2 + 0.4, 0, 1)
        return out
    bends = np.array(
        [[0, 0, 0], [0.72, -0.35, 0.25], [0.88, -0.95, 1.05], [0.80, -1.75, 1.35], [0.78, -2.6, 1.40]]
    )
    share = t * length / length.max() * (len(bends) - 1)
    curve: Floats = (
        np.concatenate([np.interp(share, np.arange(len(bends)), b) for b in bends.T], axis=2) * scale
    )
    return curve
