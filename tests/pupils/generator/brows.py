"""Eyebrows and lashes: strands that ride on the face's own surface and so follow every expression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.pupils.generator.hair import normals_of, unit
from tests.pupils.generator.identity import EYE_HEIGHT, BaseMesh, Floats, Ints, Pupil
from tests.pupils.generator.texture import brow_line


@dataclass(frozen=True)
class Attached:
    """Strand points tied to faces: face corner indices (n, k, 3), barycentric weights, and height over the
    skin.
    """

    corners: Ints
    weights: Floats
    height: Floats

    def at(self, vertices: Floats) -> Floats:
        """Points (n, k, 3) on a morphed mesh."""
        triangle = vertices[self.corners]
        points = (triangle * self.weights[..., None]).sum(axis=2)
        normal = unit(np.cross(triangle[:, :, 1] - triangle[:, :, 0], triangle[:, :, 2] - triangle[:, :, 0]))
        out: Floats = points + normal * self.height[..., None]
        return out


def brows(base: BaseMesh, pupil: Pupil) -> Attached:
    """Both eyebrows, placed on the unmorphed face so that they follow every morph."""
    rng = np.random.default_rng(pupil.seed * 7 + 2)
    n, k = 300, 5
    along = rng.beta(1.05, 1.1, n)
    across = np.clip(rng.normal(0, 0.5, n), -1, 1)
    x, y, half = brow_line(pupil, along)
    x2, y2, _ = brow_line(pupil, along + 0.05)
    tangent = unit(np.stack([x2 - x, y2 - y], axis=1))
    up = np.interp(along, [0, 0.15, 0.5, 1.0], [1.6, 0.9, 0.25, -0.05]) - 0.35 * across
    direction = unit(tangent + np.array([0.0, 1.0]) * up[:, None] + rng.normal(0, 0.12, (n, 2)))
    size = np.interp(along, [0, 0.2, 0.7, 1.0], [0.055, 0.085, 0.08, 0.05]) * rng.uniform(0.7, 1.15, n)
    start = np.stack([x, y + half * across], axis=1) - direction * (size * 0.4)[:, None]
    t = np.linspace(0, 1, k)
    flat = start[:, None] + direction[:, None] * (size[:, None] * t[None])[..., None]
    flat = np.concatenate([flat, flat * [-1.0, 1.0]], axis=0)
    rise = np.tile(0.004 + 0.016 * np.sin(t * np.pi * 0.75)[None], (2 * n, 1))
    return _attach(base, flat, rise)


def _attach(base: BaseMesh, flat: Floats, rise: Floats) -> Attached:
    """Find, for points (n, k, 2) seen from the front, the triangles of the unmorphed face they lie on."""
    quads = base.groups["body"].faces
    centre = base.vertices[quads].mean(axis=1)
    brow = (
        (np.abs(centre[:, 1] - EYE_HEIGHT - 0.2) < 0.4)
        & (centre[:, 2] > 0.75)
        & (np.abs(centre[:, 0]) < 0.85)
    )
    brow &= normals_of(base.vertices, quads)[:, 2] > 0.1
    triangles = np.concatenate([quads[brow][:, [0, 1, 2]], quads[brow][:, [0, 2, 3]]])
    p = base.vertices[triangles][..., :2]
    e1, e2 = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
    area = e1[:, 0] * e2[:, 1] - e1[:, 1] * e2[:, 0]
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    points = flat.reshape(-1, 2)
    rel = points[:, None] - p[None, :, 0]
    b = (rel[..., 0] * e2[:, 1] - rel[..., 1] * e2[:, 0]) / area
    c = (e1[:, 0] * rel[..., 1] - e1[:, 1] * rel[..., 0]) / area
    weights = np.stack([1 - b - c, b, c], axis=2)
    best = weights.min(axis=2).argmax(axis=1)
    chosen = weights[np.arange(len(points)), best]
    shape = flat.shape[:2]
    return Attached(triangles[best].reshape(*shape, 3), chosen.reshape(*shape, 3), rise)


def lashes(base: BaseMesh, vertices: Floats, seed: int) -> Floats:
    """Upper and lower lashes from the data's own lash strips, (n, 4, 3)."""
    rng = np.random.default_rng(seed)
    out = []
    for side in "lr":
        eye = vertices[base.part(f"helper-{side}-eye")].mean(axis=0)
        for row, count in (("1", 1), ("2", 4)):
            faces = base.groups[f"helper-{side}-eyelashes-{row}"].faces
            for quad in faces[[len(set(q)) == 4 for q in faces.tolist()]]:
                corner = vertices[quad]
                edges = [(corner[i], corner[(i + 1) % 4]) for i in range(4)]
                near = int(np.argmin([np.linalg.norm(a - eye) + np.linalg.norm(b - eye) for a, b in edges]))
                (a, b), (c, d) = edges[near], edges[(near + 2) % 4]
                u = rng.random((count, 1))
                root, tip = a + (b - a) * u, d + (c - d) * np.clip(u + rng.normal(0, 0.15, u.shape), 0, 1)
                t = np.linspace(0, 1, 4)[None, :, None]
                curl = (
                    np.array([0, 0.25 if row == "2" else -0.1, 0])
                    * np.linalg.norm(tip - root, axis=1)[:, None]
                )
                out.append(root[:, None] + (tip - root)[:, None] * t + curl[:, None] * t**2)
    return np.concatenate(out)
