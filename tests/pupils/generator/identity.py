"""Who the synthetic pupils are, and the shape of their heads.

A head is the MPFB2 base mesh (CC0) plus a weighted sum of CC0 morph targets: age, sex and ancestry macros,
then small facial details. Nothing here comes from a person; every weight is drawn from a seeded generator.
Siblings take each detail from one of two parents, who are themselves only two seeds.

Coordinates are the base mesh's own: decimetres, x to the pupil's left, y up, z out of the face.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Colour = tuple[float, float, float]
Sex = Literal["female", "male"]

EYE_HEIGHT: Final = 7.285
"""Height of the eye centres on the base mesh; landmarks on the unmorphed mesh are given relative to it."""
EYE_RADIUS: Final = 0.14
EYE_X: Final = 0.31

# --------------------------------------------------------------------- base mesh and targets


@dataclass(frozen=True)
class Group:
    """The quads of one named part: vertex and texture indices, both (n, 4); a triangle repeats its last
    corner.
    """

    faces: Ints
    corners: Ints


@dataclass(frozen=True)
class BaseMesh:
    """The MPFB2 base mesh: vertices (n, 3), texture coordinates (m, 2) and its named parts."""

    root: Path
    vertices: Floats
    texture: Floats
    groups: Mapping[str, Group]

    def part(self, name: str) -> Ints:
        """Sorted vertex indices of one part."""
        return np.unique(self.groups[name].faces)

    def joint(self, name: str, vertices: Floats) -> Floats:
        """Centre of a joint cube on a morphed mesh, (3,)."""
        centre: Floats = vertices[self.part(f"joint-{name}")].mean(axis=0)
        return centre


def load_base(root: Path) -> BaseMesh:
    """Read ``3dobjs/base.obj`` below the unpacked ``mpfb2`` data folder."""
    vertices: list[list[float]] = []
    texture: list[list[float]] = []
    quads: dict[str, list[list[list[int]]]] = {}
    group = ""
    for line in (root / "3dobjs" / "base.obj").read_text().splitlines():
        kind, *rest = line.split() or [""]
        if kind == "v":
            vertices.append([float(x) for x in rest[:3]])
        elif kind == "vt":
            texture.append([float(x) for x in rest[:2]])
        elif kind == "g":
            group = rest[0]
        elif kind == "f":
            corners = [[int(x or 1) - 1 for x in corner.split("/")[:2]] for corner in rest]
            quads.setdefault(group, []).append(corners if len(corners) == 4 else [*corners, corners[-1]])
    arrays = {name: np.array(q, dtype=np.int64) for name, q in quads.items()}
    groups = {name: Group(faces=a[..., 0], corners=a[..., 1]) for name, a in arrays.items()}
    return BaseMesh(root, np.array(vertices), np.array(texture), groups)


@cache
def _target(path: Path) -> tuple[Ints, Floats]:
    rows = [r.split() for r in gzip.decompress(path.read_bytes()).decode().splitlines() if r and r[0] != "#"]
    rows = [r for r in rows if len(r) >= 4]
    index = np.array([int(r[0]) for r in rows], dtype=np.int64)
    return index, np.array([[float(x) for x in r[1:4]] for r in rows]).reshape(-1, 3)


def apply_target(base: BaseMesh, vertices: Floats, name: str, weight: float) -> None:
    """Add one morph target in place; an unknown name is an error, so that no typing slip passes unseen."""
    if abs(weight) < 1e-4:
        return
    index, offset = _target(base.root / "targets" / f"{name}.target.gz")
    vertices[index] += weight * offset


# ------------------------------------------------------------------------------ face details

DETAILS: Final[Mapping[str, float]] = {
    # "folder/name:low:high" -> spread. A leading * stands for both sides.
    "head/head-fat:decr:incr": 0.30,
    "head/head-scale-depth:decr:incr": 0.25,
    "head/head-scale-horiz:decr:incr": 0.30,
    "head/head-scale-vert:decr:incr": 0.30,
    "nose/nose-base:down:up": 0.30,
    "nose/nose-curve:concave:convex": 0.30,
    "nose/nose-flaring:decr:incr": 0.30,
    "nose/nose-nostrils-width:decr:incr": 0.30,
    "nose/nose-point:down:up": 0.35,
    "nose/nose-point-width:decr:incr": 0.40,
    "nose/nose-scale-depth:decr:incr": 0.30,
    "nose/nose-scale-horiz:decr:incr": 0.35,
    "nose/nose-scale-vert:decr:incr": 0.40,
    "nose/nose-trans:down:up": 0.30,
    "nose/nose-width1:decr:incr": 0.35,
    "nose/nose-width2:decr:incr": 0.35,
    "nose/nose-greek:decr:incr": 0.25,
    "mouth/mouth-scale-horiz:decr:incr": 0.35,
    "mouth/mouth-scale-vert:decr:incr": 0.25,
    "mouth/mouth-trans:down:up": 0.35,
    "mouth/mouth-lowerlip-height:decr:incr": 0.35,
    "mouth/mouth-upperlip-height:decr:incr": 0.35,
    "mouth/mouth-lowerlip-volume:decr:incr": 0.30,
    "mouth/mouth-upperlip-volume:decr:incr": 0.30,
    "mouth/mouth-angles:down:up": 0.20,
    "mouth/mouth-cupidsbow:decr:incr": 0.35,
    "mouth/mouth-philtrum-volume:decr:incr": 0.25,
    "chin/chin-bones:decr:incr": 0.30,
    "chin/chin-height:decr:incr": 0.35,
    "chin/chin-prominent:decr:incr": 0.30,
    "chin/chin-width:decr:incr": 0.40,
    "forehead/forehead-nubian:decr:incr": 0.15,
    "forehead/forehead-scale-vert:decr:incr": 0.30,
    "forehead/forehead-temple:decr:incr": 0.30,
    "eyebrows/eyebrows-angle:down:up": 0.18,
    "eyebrows/eyebrows-trans:down:up": 0.35,
    "eyes/*eye-scale:decr:incr": 0.30,
    "eyes/*eye-trans:down:up": 0.30,
    "eyes/*eye-trans:in:out": 0.35,
    "eyes/*eye-corner1:down:up": 0.30,
    "eyes/*eye-corner2:down:up": 0.35,
    "eyes/*eye-height1:decr:incr": 0.25,
    "eyes/*eye-height2:decr:incr": 0.25,
    "eyes/*eye-height3:decr:incr": 0.25,
    "eyes/*eye-bag:decr:incr": 0.15,
    "eyes/*eye-push2:in:out": 0.25,
    "eyes/*eye-epicanthus:in:out": 0.20,
    "eyes/*eye-eyefold:down:up": 0.30,
    "cheek/*cheek-bones:decr:incr": 0.35,
    "cheek/*cheek-inner:decr:incr": 0.25,
    "cheek/*cheek-volume:decr:incr": 0.35,
    "cheek/*cheek-trans:down:up": 0.25,
    "ears/*ear-scale:decr:incr": 0.30,
    "ears/*ear-wing:decr:incr": 0.25,
    "ears/*ear-lobe:decr:incr": 0.30,
}
FACE_SHAPES: Final = ("oval", "round", "rectangular", "square", "triangular", "invertedtriangular", "diamond")


@dataclass(frozen=True)
class Genome:
    """What a child can inherit: detail weights, face-shape weights, and the look of brows, lips and skin."""

    details: Mapping[str, float]
    shapes: Mapping[str, float]
    weight: float
    brow_thickness: float
    brow_arch: float
    brow_length: float
    brow_height: float
    lip_tint: float
    skin_shift: tuple[float, float]
    """Relative lightness and warmth of the skin."""


def draw_genome(seed: int) -> Genome:
    """A new unrelated genome."""
    rng = np.random.default_rng(seed)
    details = {name: float(np.clip(rng.normal(0, spread), -0.9, 0.9)) for name, spread in DETAILS.items()}
    shapes = rng.dirichlet([0.5] * len(FACE_SHAPES))
    return Genome(
        details=details,
        shapes=dict(zip(FACE_SHAPES, (float(x) for x in shapes), strict=True)),
        weight=float(np.clip(rng.normal(-0.1, 0.3), -0.7, 0.7)),
        brow_thickness=float(rng.uniform(0.65, 1.3)),
        brow_arch=float(rng.uniform(0.2, 1.3)),
        brow_length=float(rng.uniform(0.88, 1.12)),
        brow_height=float(rng.uniform(-0.12, 0.16)),
        lip_tint=float(rng.uniform(0.25, 0.8)),
        skin_shift=(float(rng.uniform(-1, 1)), float(rng.uniform(-1, 1))),
    )


def mix(mother: Genome, father: Genome, seed: int) -> Genome:
    """A child of two genomes: each trait from either parent or between them, with a little of its own."""
    rng = np.random.default_rng(seed)

    def pick(a: float, b: float, own: float) -> float:
        share = float(rng.choice([0.0, 0.5, 1.0], p=[0.35, 0.3, 0.35]))
        return a * share + b * (1 - share) + float(rng.normal(0, own))

    return Genome(
        details={
            k: float(np.clip(pick(mother.details[k], father.details[k], 0.08), -0.9, 0.9)) for k in DETAILS
        },
        shapes={k: (mother.shapes[k] + father.shapes[k]) / 2 for k in FACE_SHAPES},
        weight=pick(mother.weight, father.weight, 0.1),
        brow_thickness=pick(mother.brow_thickness, father.brow_thickness, 0.05),
        brow_arch=pick(mother.brow_arch, father.brow_arch, 0.05),
        brow_length=pick(mother.brow_length, father.brow_length, 0.02),
        brow_height=pick(mother.brow_height, father.brow_height, 0.02),
        lip_tint=pick(mother.lip_tint, father.lip_tint, 0.05),
        skin_shift=(
            pick(mother.skin_shift[0], father.skin_shift[0], 0.1),
            pick(mother.skin_shift[1], father.skin_shift[1], 0.1),
        ),
    )


# ------------------------------------------------------------------------------------ groups


@dataclass(frozen=True)
class Look:
    """A broad look: macro weights (african, asian, caucasian), mean skin (linear RGB) and detail biases."""

    ancestry: tuple[float, float, float]
    skin: Colour
    biases: Mapping[str, float] = field(default_factory=dict)


LOOKS: Final[Mapping[str, Look]] = {
    "kazakh": Look((0.0, 0.78, 0.22), (0.60, 0.37, 0.255), {"cheek/*cheek-bones:decr:incr": 0.3}),
    "kazakh-mixed": Look((0.0, 0.48, 0.52), (0.62, 0.39, 0.275)),
    "east-asian": Look((0.0, 0.95, 0.05), (0.56, 0.355, 0.245)),
    "european": Look((0.0, 0.05, 0.95), (0.70, 0.44, 0.34)),
    "caucasus": Look((0.05, 0.1, 0.85), (0.57, 0.34, 0.235), {"nose/nose-scale-vert:decr:incr": 0.2}),
    "south-asian": Look((0.22, 0.13, 0.65), (0.34, 0.185, 0.115)),
    "african-mixed": Look((0.62, 0.08, 0.30), (0.215, 0.108, 0.065)),
}

HAIR_COLOURS: Final[Mapping[str, Colour]] = {
    "black": (0.010, 0.008, 0.007),
    "dark brown": (0.030, 0.017, 0.010),
    "brown": (0.085, 0.042, 0.020),
    "light brown": (0.17, 0.083, 0.033),
    "blond": (0.42, 0.25, 0.092),
    "red": (0.21, 0.045, 0.011),
}
IRIS_COLOURS: Final[Mapping[str, Colour]] = {
    "dark": (0.030, 0.014, 0.007),
    "brown": (0.080, 0.036, 0.014),
    "hazel": (0.13, 0.085, 0.03),
    "green": (0.11, 0.135, 0.06),
    "blue": (0.085, 0.125, 0.17),
    "grey": (0.17, 0.20, 0.21),
}

# ------------------------------------------------------------------------------------ pupils


@dataclass(frozen=True)
class Pupil:
    """One synthetic pupil."""

    id: str
    age: int
    sex: Sex
    look: str
    style: str
    hair: str
    iris: str
    outfit: str
    genome: Genome
    seed: int
    family: str | None = None
    freckles: float = 0.0
    glasses: bool = False

    @property
    def skin(self) -> Colour:
        """Mean skin colour, linear RGB."""
        light, warm = self.genome.skin_shift
        r, g, b = LOOKS[self.look].skin
        gain = 1 + 0.10 * light
        return (r * gain, g * gain * (1 - 0.02 * warm), b * gain * (1 - 0.06 * warm))


_FAMILIES: Final[Mapping[str, tuple[int, int]]] = {
    "A": (9001, 9002),
    "B": (9013, 9004),
    "C": (9005, 9016),
    "D": (9007, 9008),
}

# id, age, sex, look, hair style, hair colour, iris, outfit, seed, family, freckles
_ROWS: Final[tuple[tuple[str, int, Sex, str, str, str, str, str, int, str | None, float], ...]] = (
    ("p01", 7, "male", "kazakh", "crop", "black", "dark", "vest", 101, None, 0.0),
    ("p02", 8, "female", "kazakh", "pigtails", "black", "dark", "blouse", 102, None, 0.0),
    ("p03", 9, "male", "kazakh", "fringe", "black", "brown", "blazer", 103, "A", 0.0),
    ("p04", 13, "female", "kazakh", "long", "black", "dark", "vest", 104, "A", 0.0),
    ("p05", 15, "male", "kazakh", "side", "black", "dark", "shirt", 105, None, 0.0),
    ("p06", 16, "female", "kazakh", "tied", "dark brown", "brown", "blazer", 106, None, 0.0),
    ("p07", 11, "male", "kazakh-mixed", "side", "dark brown", "brown", "vest", 107, None, 0.0),
    ("p08", 12, "female", "kazakh-mixed", "bob", "dark brown", "hazel", "cardigan", 308, None, 0.2),
    ("p09", 10, "female", "kazakh-mixed", "long fringe", "brown", "hazel", "blouse", 109, "B", 0.3),
    ("p10", 14, "male", "kazakh-mixed", "crop", "dark brown", "hazel", "blazer", 110, "B", 0.2),
    ("p11", 8, "male", "european", "fringe", "blond", "blue", "shirt", 111, None, 0.5),
    ("p12", 10, "female", "european", "tied", "light brown", "green", "vest", 112, None, 0.3),
    ("p13", 12, "male", "european", "side", "brown", "grey", "blazer", 113, "C", 0.0),
    ("p14", 16, "female", "european", "long", "light brown", "blue", "shirt", 114, "C", 0.1),
    ("p15", 15, "female", "european", "bob", "red", "green", "vest", 115, None, 0.9),
    ("p16", 7, "female", "east-asian", "bob fringe", "black", "dark", "cardigan", 117, None, 0.0),
    ("p17", 12, "male", "east-asian", "fringe", "black", "dark", "shirt", 118, None, 0.0),
    ("p18", 17, "female", "east-asian", "long fringe", "black", "dark", "blazer", 419, None, 0.0),
    ("p19", 14, "female", "caucasus", "long", "dark brown", "brown", "blouse", 121, None, 0.0),
    ("p20", 11, "female", "south-asian", "tied", "black", "dark", "blazer", 122, None, 0.0),
    ("p21", 16, "male", "south-asian", "side", "black", "brown", "vest", 123, None, 0.0),
    ("p22", 13, "male", "african-mixed", "curly", "black", "dark", "shirt", 124, None, 0.0),
    ("p23", 8, "female", "kazakh", "bob fringe", "black", "brown", "vest", 125, "D", 0.0),
    ("p24", 17, "male", "kazakh", "side", "black", "brown", "blazer", 126, "D", 0.0),
)


def pupils() -> list[Pupil]:
    """The whole cohort, in order of id."""
    people = []
    for ident, age, sex, look, style, hair, iris, outfit, seed, family, freckles in _ROWS:
        if family is None:
            genome = draw_genome(seed)
        else:
            mother, father = _FAMILIES[family]
            genome = mix(draw_genome(mother), draw_genome(father), seed)
        people.append(Pupil(ident, age, sex, look, style, hair, iris, outfit, genome, seed, family, freckles))
    return people


def siblings(pupil: Pupil) -> list[str]:
    """Ids of the pupil's brothers and sisters."""
    return [p.id for p in pupils() if pupil.family and p.family == pupil.family and p.id != pupil.id]


# ------------------------------------------------------------------------------------- shape


def age_weights(age: float) -> dict[str, float]:
    """Weights of the age macros. The baby share is held down: a school child is not a large infant."""
    if age <= 11:
        baby = 0.62 * (11 - age) / 10
        return {"baby": baby, "child": 1 - baby}
    young = min(1.0, (age - 11) / 10)
    return {"child": 1 - young, "young": young}


def shape(base: BaseMesh, pupil: Pupil) -> Floats:
    """Vertices (n, 3) of the pupil with a neutral face."""
    out = base.vertices.copy()
    look, genome = LOOKS[pupil.look], pupil.genome
    ages = age_weights(pupil.age)
    races = dict(zip(("african", "asian", "caucasian"), look.ancestry, strict=True))
    weight = genome.weight
    masses = {"averageweight": 1 - abs(weight), ("maxweight" if weight > 0 else "minweight"): abs(weight)}
    for age, wa in ages.items():
        for race, wr in races.items():
            apply_target(base, out, f"macrodetails/{race}-{pupil.sex}-{age}", wa * wr)
        for mass, wm in masses.items():
            apply_target(base, out, f"macrodetails/universal-{pupil.sex}-{age}-averagemuscle-{mass}", wa * wm)
    softness = 0.8 if pupil.age < 12 else 1.0
    for key, drawn in genome.details.items():
        name, low, high = key.split(":")
        value = (drawn + look.biases.get(key, 0.0)) * softness
        end = high if value > 0 else low
        for side in ("l-", "r-") if "*" in name else ("",):
            apply_target(base, out, f"{name.replace('*', side)}-{end}", abs(value))
    for face, value in genome.shapes.items():
        apply_target(base, out, f"head/head-{face}", value * 0.5 * softness)
    return out


# -------------------------------------------------------------------------------- expression

EXPRESSIONS: Final[Mapping[str, Mapping[str, float]]] = {
    "neutral": {"mouth-corner-puller": 0.12},
    "slight smile": {"mouth-corner-puller": 0.45},
    "smile": {"mouth-corner-puller": 0.75, "eye-left-slit": 0.25, "eye-right-slit": 0.25},
    "brows up": {"eyebrows-left-up": 0.5, "eyebrows-right-up": 0.5},
    "speaking": {"mouth-open": 0.22},
    "squint": {
        "eye-left-slit": 0.5,
        "eye-right-slit": 0.5,
        "eyebrows-left-down": 0.3,
        "eyebrows-right-down": 0.3,
    },
}


def express(base: BaseMesh, pupil: Pupil, neutral: Floats, name: str, blink: float = 0.0) -> Floats:
    """The pupil's vertices with an expression, and the lids closed by ``blink`` (0 open .. 1 shut)."""
    out = neutral.copy()
    units = {**EXPRESSIONS[name], "eye-left-closure": blink, "eye-right-closure": blink}
    for race, share in zip(("african", "asian", "caucasian"), LOOKS[pupil.look].ancestry, strict=True):
        for unit, weight in units.items():
            apply_target(base, out, f"expression/units/{race}/{unit}", weight * share)
    return out


def stable_seed(*parts: str) -> int:
    """A seed that does not change between runs of the interpreter."""
    return zlib.crc32("/".join(parts).encode())
