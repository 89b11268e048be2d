"""Painted surfaces: skin, eyes and cloth, as sRGB images made with numpy and OpenCV.

Skin is painted in the head's part of the base mesh's own UV atlas. Features are placed in the space of the
unmorphed mesh (``PositionMap``), so one rule fits every pupil.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from tests.pupils.generator.identity import (
    EYE_HEIGHT,
    EYE_RADIUS,
    EYE_X,
    HAIR_COLOURS,
    IRIS_COLOURS,
    BaseMesh,
    Colour,
    Floats,
    Pupil,
)

Image = npt.NDArray[np.float32]
"""Linear RGB in 0..1, (height, width, 3), or one channel (height, width)."""

ATLAS_ORIGIN: Final = np.array([0.62, 0.16])
ATLAS_SIZE: Final = np.array([0.38, 0.68])
"""The part of the UV atlas that holds the head."""

HAIRLINE: Final = (
    # degrees from straight ahead, height of the hairline over the eyes
    (0.0, 0.69),
    (22.0, 0.70),
    (38.0, 0.58),
    (52.0, 0.30),
    (62.0, 0.12),
    (70.0, -0.06),
    (78.0, 0.02),
    (86.0, 0.22),
    (100.0, 0.22),
    (115.0, -0.28),
    (140.0, -0.55),
    (180.0, -0.62),
)


def head_uv(texture: Floats) -> Floats:
    """Atlas coordinates rescaled so that the head fills the unit square."""
    out: Floats = (texture - ATLAS_ORIGIN) / ATLAS_SIZE
    return out


def hair_depth(points: Floats) -> Floats:
    """How far above the hairline points of the unmorphed mesh are (decimetres; negative on bare skin)."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    angle = np.degrees(np.arctan2(np.abs(x), z - 0.35))
    degrees, heights = np.array(HAIRLINE).T
    out: Floats = y - EYE_HEIGHT - np.interp(angle, degrees, heights)
    return out


def smooth(low: float, high: float, value: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Smooth step from 0 at ``low`` to 1 at ``high``."""
    t = np.clip((value - low) / (high - low), 0, 1).astype(np.float32)
    out: Image = t * t * (3 - 2 * t)
    return out


def noise(shape: tuple[int, int], rng: np.random.Generator, octaves: Sequence[tuple[int, float]]) -> Image:
    """Sum of smooth random fields; each octave is (cell size in pixels, amplitude)."""
    out = np.zeros(shape, np.float32)
    for cell, gain in octaves:
        grid = rng.normal(size=(max(2, shape[0] // cell), max(2, shape[1] // cell))).astype(np.float32)
        out += gain * cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return out


def to_srgb(image: Image) -> npt.NDArray[np.uint8]:
    """Linear RGB to 8-bit sRGB, in OpenCV's BGR order."""
    x = np.clip(image, 0, 1)
    curve = np.where(x < 0.0031308, 12.92 * x, 1.055 * np.power(x, 1 / 2.4) - 0.055)
    return np.ascontiguousarray((curve * 255 + 0.5).astype(np.uint8)[..., ::-1])


def save(path: Path, image: Image) -> None:
    """Write a linear image as a PNG."""
    cv2.imwrite(str(path), to_srgb(image))


# -------------------------------------------------------------------------------------- skin


class PositionMap:
    """For each pixel of the head atlas, the point of the unmorphed mesh it paints (NaN outside)."""

    def __init__(self, base: BaseMesh, size: int) -> None:
        body = base.groups["body"]
        centres = base.vertices[body.faces].mean(axis=1)
        keep = centres[:, 1] > EYE_HEIGHT - 2.2
        points = np.full((size, size, 3), np.nan, np.float32)
        uv = head_uv(base.texture) * [size, -size] + [0, size]
        for face, corners in zip(body.faces[keep], body.corners[keep], strict=True):
            for pick in ((0, 1, 2), (0, 2, 3)):
                _fill(points, uv[corners[list(pick)]], base.vertices[face[list(pick)]])
        self.size = size
        self.known = np.isfinite(points[..., 0])
        self.points = np.nan_to_num(points, nan=-9.0)
        self.x, self.y, self.z = (self.points[..., i] for i in range(3))
        self.front = self.known & (self.z > 0.55)

    def near(self, x: float, y: float, radius: float, front: bool = True) -> Image:
        """A soft round spot at a point of the face."""
        d2 = (self.x - x) ** 2 + (self.y - y) ** 2
        spot = np.exp(-d2 / radius**2) * (self.front if front else self.known)
        return spot.astype(np.float32)


def _fill(target: Image, uv: Floats, points: Floats) -> None:
    """Rasterise one triangle of 3-D points into a UV image, a little over its edges."""
    size = target.shape[0]
    low = np.clip(np.floor(uv.min(axis=0)).astype(int) - 1, 0, size)
    high = np.clip(np.ceil(uv.max(axis=0)).astype(int) + 1, 0, size)
    area = (uv[1, 0] - uv[0, 0]) * (uv[2, 1] - uv[0, 1]) - (uv[2, 0] - uv[0, 0]) * (uv[1, 1] - uv[0, 1])
    if (high <= low).any() or abs(area) < 1e-9:
        return
    gx, gy = np.meshgrid(np.arange(low[0], high[0]) + 0.5, np.arange(low[1], high[1]) + 0.5)
    b = ((gx - uv[0, 0]) * (uv[2, 1] - uv[0, 1]) - (uv[2, 0] - uv[0, 0]) * (gy - uv[0, 1])) / area
    c = ((uv[1, 0] - uv[0, 0]) * (gy - uv[0, 1]) - (gx - uv[0, 0]) * (uv[1, 1] - uv[0, 1])) / area
    inside = (b >= -0.05) & (c >= -0.05) & (b + c <= 1.05)
    blend = points[0] + b[..., None] * (points[1] - points[0]) + c[..., None] * (points[2] - points[0])
    target[low[1] : high[1], low[0] : high[0]][inside] = blend[inside]


def _mask(base: BaseMesh, name: str, size: int) -> Image:
    """One of the data's own UV masks (lips, eyelids, ears), cut to the head atlas."""
    whole = cv2.imread(str(base.root / "textures" / f"mpfb_{name}.jpg"), cv2.IMREAD_GRAYSCALE)
    assert whole is not None
    height, width = whole.shape
    sx, sy = size / (ATLAS_SIZE[0] * width), size / (ATLAS_SIZE[1] * height)
    top = 1 - ATLAS_ORIGIN[1] - ATLAS_SIZE[1]
    move = np.array([[sx, 0, -ATLAS_ORIGIN[0] * width * sx], [0, sy, -top * height * sy]], np.float32)
    cut = cv2.warpAffine(whole, move, (size, size)).astype(np.float32) / 255
    return cv2.GaussianBlur(cut, (0, 0), size / 400).astype(np.float32)


def _blend(image: Image, colour: Colour | Image, amount: Image) -> Image:
    a = np.clip(amount, 0, 1)[..., None]
    out: Image = (image * (1 - a) + np.asarray(colour, np.float32) * a).astype(np.float32)
    return out


def _tint(image: Image, factor: Colour, amount: Image) -> Image:
    out: Image = (image * (1 + amount[..., None] * (np.array(factor, np.float32) - 1))).astype(np.float32)
    return out


def skin(base: BaseMesh, place: PositionMap, pupil: Pupil) -> Image:
    """Skin colour of a pupil over the head atlas."""
    rng = np.random.default_rng(pupil.seed * 31 + 7)
    size, shape = place.size, (place.size, place.size)
    tone = np.array(pupil.skin, np.float32)
    dark = float(tone[0] < 0.3)
    out: Image = np.ones((size, size, 3), np.float32) * tone
    out *= (1 + 0.022 * noise(shape, rng, [(200, 1.0), (60, 0.7), (18, 0.5), (5, 0.5)]))[..., None]
    out = _tint(out, (1.03, 0.95, 0.94), np.clip(noise(shape, rng, [(120, 0.5), (40, 0.4)]), -1, 1))

    # blood near the surface: cheeks, nose, ears, chin; thinner and bluer skin under the eyes
    young = 1.0 if pupil.age < 12 else 0.75
    flush = (1.05, 0.80, 0.78) if not dark else (1.04, 0.93, 0.92)
    for side in (1, -1):
        out = _tint(out, flush, young * place.near(side * EYE_X * 1.35, EYE_HEIGHT - 0.42, 0.26))
        out = _tint(out, (0.90, 0.84, 0.86), 0.75 * place.near(side * EYE_X * 0.95, EYE_HEIGHT - 0.19, 0.11))
        out = _tint(out, (0.90, 0.82, 0.80), 0.6 * place.near(side * EYE_X * 1.02, EYE_HEIGHT + 0.15, 0.10))
        out = _tint(out, (0.85, 0.72, 0.68), 0.5 * place.near(side * 0.12, EYE_HEIGHT - 0.53, 0.06))
    out = _tint(out, flush, 0.9 * place.near(0, EYE_HEIGHT - 0.42, 0.14))
    out = _tint(out, flush, 0.4 * place.near(0, EYE_HEIGHT - 1.02, 0.16))
    out = _tint(out, (1.04, 0.82, 0.78), 0.8 * _mask(base, "ears", size))
    lids = _mask(base, "eyelids", size)
    out = _tint(out, (0.86, 0.66, 0.64), 0.75 * lids)

    lips = _mask(base, "lips", size)
    colour = np.clip(tone * np.array([0.86, 0.42, 0.46], np.float32), 0, 1)
    out = _blend(
        out,
        colour * (1 + 0.06 * noise(shape, rng, [(5, 1.0)]))[..., None],
        lips * (0.62 + 0.35 * pupil.genome.lip_tint),
    )

    out = _freckles_and_moles(out, place, pupil, rng)
    out = _under_brows(out, place, pupil)
    return _scalp(out, place, pupil, rng)


def _freckles_and_moles(image: Image, place: PositionMap, pupil: Pupil, rng: np.random.Generator) -> Image:
    out = image
    if pupil.freckles > 0.05:
        spots = np.clip((noise((place.size, place.size), rng, [(7, 1.0)]) - 1.25) * 2, 0, 1)
        where = place.near(0, EYE_HEIGHT - 0.33, 0.30) + place.near(0.35, EYE_HEIGHT - 0.36, 0.24)
        where += place.near(-0.35, EYE_HEIGHT - 0.36, 0.24)
        out = _tint(out, (0.72, 0.55, 0.45), spots * np.clip(where, 0, 1) * pupil.freckles)
    for _ in range(int(rng.integers(0, 4))):
        x, y, r = rng.uniform(-0.55, 0.55), EYE_HEIGHT + rng.uniform(-0.95, 0.5), rng.uniform(0.010, 0.017)
        out = _tint(out, (0.30, 0.22, 0.20), place.near(float(x), float(y), float(r)) * 0.85)
    return out


def brow_line(pupil: Pupil, along: Floats) -> tuple[Floats, Floats, Floats]:
    """Brow centre line on the unmorphed face: x, y and half thickness for ``along`` in 0 (inner) .. 1
    (outer).
    """
    genome = pupil.genome
    x = EYE_X + EYE_RADIUS * (-1.25 + 2.85 * along * genome.brow_length)
    rise = 0.035 * (1 - along) + genome.brow_arch * 0.026 * np.sin(np.clip(along / 0.72, 0, 1) * np.pi / 2)
    fall = 0.13 * np.clip(along - 0.66, 0, None) ** 1.3 * (0.7 + genome.brow_arch)
    y = EYE_HEIGHT + 0.215 + 0.16 * genome.brow_height + rise - fall
    half = 0.018 * genome.brow_thickness * np.interp(along, [0, 0.12, 0.55, 1.0], [0.75, 1.0, 0.85, 0.22])
    return x, y, half


def _under_brows(image: Image, place: PositionMap, pupil: Pupil) -> Image:
    """A faint shadow below the brow hairs, so that sparse strands read as a brow."""
    xs, ys, half = brow_line(pupil, np.linspace(0, 1, 64))
    ax = np.abs(place.x)
    centre = np.interp(ax, xs, ys)
    height = np.interp(ax, xs, half)
    inside = place.front & (ax > xs[0] - 0.01) & (ax < xs[-1] + 0.01)
    cover = np.exp(-(((place.y - centre) / np.maximum(height, 0.004)) ** 2)) * inside
    soft = cv2.GaussianBlur(cover.astype(np.float32), (0, 0), place.size / 500).astype(np.float32)
    hair = tuple(0.5 * c + 0.05 * s for c, s in zip(HAIR_COLOURS[pupil.hair], pupil.skin, strict=True))
    fair = 0.35 if pupil.hair in ("blond", "red", "light brown") else 0.5
    return _blend(image, (hair[0], hair[1], hair[2]), soft * fair)


def _scalp(image: Image, place: PositionMap, pupil: Pupil, rng: np.random.Generator) -> Image:
    depth = hair_depth(place.points.astype(np.float64)) + 0.02 * noise(
        (place.size, place.size), rng, [(10, 1.0), (4, 0.7)]
    )
    cover = smooth(0.0, 0.16, depth) * place.known
    hair = np.array(HAIR_COLOURS[pupil.hair], np.float32)
    return _blend(image, tuple(hair * 0.9 + 0.04 * np.array(pupil.skin)), cover * 0.9)


# --------------------------------------------------------------------------------------- eye


def eye(pupil: Pupil, size: int = 512) -> Image:
    """Front view of an eyeball: the image spans the ball's diameter."""
    rng = np.random.default_rng(pupil.seed * 17 + 3)
    yy, xx = (np.mgrid[:size, :size] + 0.5) / size * 2 - 1
    radius = np.hypot(xx, yy).astype(np.float32)
    angle = np.arctan2(yy, xx)
    white = np.array([0.70, 0.66, 0.63], np.float32)
    out: Image = np.ones((size, size, 3), np.float32) * white
    out = _tint(out, (0.92, 0.62, 0.56), smooth(0.62, 1.0, radius))
    veins = np.clip(noise((size, size), rng, [(24, 0.7), (9, 0.5)]) - 0.9, 0, 1) * smooth(0.5, 0.8, radius)
    out = _tint(out, (0.92, 0.5, 0.45), veins)
    limbus = 0.455
    spokes = noise((1, 360), rng, [(3, 0.8), (9, 0.6)])[0]
    fibre = np.interp(np.degrees(angle) % 360, np.arange(360), spokes).astype(np.float32)
    iris = np.array(IRIS_COLOURS[pupil.iris], np.float32) * (1 + 0.22 * fibre)[..., None]
    iris = (
        iris
        * (1.25 - 0.3 * smooth(0.2, 0.45, radius))[..., None]
        * (1 - 0.72 * smooth(0.36, limbus, radius))[..., None]
    )
    out = _blend(out, iris, 1 - smooth(limbus - 0.035, limbus + 0.03, radius))
    return _blend(out, (0.002, 0.002, 0.002), 1 - smooth(0.165, 0.195, radius))


# ------------------------------------------------------------------------------------- cloth

NAVY: Final = (0.018, 0.024, 0.060)
OUTFIT_COLOURS: Final[Sequence[Colour]] = (
    NAVY,
    (0.035, 0.037, 0.042),
    (0.085, 0.012, 0.020),
    (0.015, 0.050, 0.040),
    (0.075, 0.080, 0.090),
    (0.020, 0.045, 0.110),
)
WHITE: Final = (0.72, 0.73, 0.75)
SHIRT_COLOURS: Final[Sequence[Colour]] = (WHITE, WHITE, (0.50, 0.60, 0.74), (0.70, 0.68, 0.62))


def outfit_colours(pupil: Pupil) -> tuple[Colour, Colour, Colour]:
    """Colours of the outer layer, the shirt and the tie."""
    rng = np.random.default_rng(pupil.seed * 13 + 5)
    outer = OUTFIT_COLOURS[int(rng.integers(len(OUTFIT_COLOURS)))]
    shirt = SHIRT_COLOURS[int(rng.integers(len(SHIRT_COLOURS)))]
    tie = [(0.16, 0.012, 0.02), (0.012, 0.03, 0.12), (0.02, 0.02, 0.025)][int(rng.integers(3))]
    return outer, shirt, (tie[0], tie[1], tie[2])


def cloth(pupil: Pupil, size: int = 1024) -> tuple[Image, Image]:
    """Front view of the top: colour and height. u runs over -2..2 dm from the middle, v over -4..0.6 dm from
    the neck.
    """
    rng = np.random.default_rng(pupil.seed * 19 + 1)
    outer, shirt, tie = outfit_colours(pupil)
    v, u = np.mgrid[:size, :size].astype(np.float32) / size
    x, y = u * 4 - 2, 0.6 - v * 4.6
    ax = np.abs(x)
    colour: Image = np.ones((size, size, 3), np.float32) * np.array(shirt, np.float32)
    height = np.zeros((size, size), np.float32)
    placket = 1 - smooth(0.13, 0.15, ax)
    height += 0.25 * placket
    for k in range(8):
        button = 1 - smooth(0.030, 0.040, np.hypot(x, y + 0.55 + 0.75 * k))
        colour, height = _tint(colour, (0.8, 0.8, 0.8), button), height + 0.5 * button
    if pupil.outfit in ("vest", "blazer", "cardigan"):
        depth = {"vest": 1.15, "blazer": 1.9, "cardigan": 1.5}[pupil.outfit]
        edge = 0.46 * (y + 0.35 + depth) / depth + (0.10 if pupil.outfit == "blazer" else 0.0)
        if pupil.sex == "male" or pupil.outfit == "blazer":
            knot = 0.075 + 0.075 * np.clip(-y - 0.35, 0, 1.6)
            strip = 1 - smooth(0.0, 0.015, ax - knot)
            stripes = (np.sin((x + y) * 22) > 0.6).astype(np.float32) * float(rng.random() < 0.5)
            colour = _blend(colour, tie, strip)
            colour, height = _tint(colour, (2.2, 2.2, 2.2), stripes * strip), height + 0.5 * strip
        over = smooth(0.0, 0.012, ax - edge)
        colour, height = _blend(colour, outer, over), height * (1 - over) + 1.0 * over
        if pupil.outfit == "blazer":
            lapel = smooth(0.0, 0.012, ax - edge) * (
                1 - smooth(0, 0.012, ax - edge - 0.42 * np.clip((y + 2.25) / 1.6, 0, 1))
            )
            notch = (np.abs(y + 0.95 - 0.5 * (ax - edge)) < 0.02).astype(np.float32) * lapel
            colour = _tint(colour, (1.25, 1.25, 1.25), lapel)
            colour, height = _tint(colour, (0.4, 0.4, 0.4), notch), height + 0.6 * lapel
        else:
            band = over * (1 - smooth(0.10, 0.11, ax - edge))
            colour, height = _tint(colour, (0.72, 0.72, 0.72), band), height + 0.4 * band
            knit = np.sin(y * 150) * 0.5 + np.abs(np.sin(x * 75)) * 0.5
            height += 0.10 * knit.astype(np.float32) * over
    folds = noise((size, size), rng, [(260, 0.6), (90, 0.25)])
    colour *= (1 + 0.04 * folds)[..., None]
    return np.clip(colour, 0, 1), np.clip(0.35 + 0.25 * height + 0.12 * folds, 0, 1)
