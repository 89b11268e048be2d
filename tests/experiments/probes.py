"""Portraits in, vectors out: one template a person, and several spoilt visits of several frames each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import ImageError
from edge.vision.detect import Detector
from edge.vision.embed import Embedder
from edge.vision.embed_dlib import DlibResNet
from edge.vision.embed_sface import SFace
from edge.vision.frame import Image
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store
from edge.vision.quality.assess import assess
from tests.experiments.degrade import random_frames, random_visit, spoil

Floats = NDArray[np.float64]


PUPILS = Path(__file__).resolve().parents[1] / "pupils"


class System(StrEnum):
    """What is compared; `m` averages the mirrored crop in."""

    SFACE = "SFace"
    SFACE_M = "SFace, mirrored"
    DLIB = "dlib"
    DLIB_M = "dlib, mirrored"
    BOTH = "SFace + dlib"
    BOTH_M = "SFace + dlib, mirrored"


PARTS: Mapping[System, tuple[System, System]] = {
    System.BOTH: (System.SFACE, System.DLIB),
    System.BOTH_M: (System.SFACE_M, System.DLIB_M),
}


@dataclass(frozen=True, slots=True)
class Portraits:
    """One person: the picture to enrol and the picture to spoil."""

    person: str
    enrol: Image
    probe: Image


@dataclass(frozen=True, slots=True)
class Probes:
    """n people, n * visits visits in order of people, f frames each.

    `templates[system]` is (n, d) and `frames[system]` (v, f, d), NaN where no face was found; `quality` is
    (v, f), NaN likewise; `person` (v,) says who it is. `outsiders` (m, d) are templates of nobody here.
    """

    person: NDArray[np.intp]
    quality: Floats
    templates: Mapping[System, Floats]
    frames: Mapping[System, Floats]
    outsiders: Mapping[System, Floats]


def london(folder: Path) -> list[Portraits]:
    """The Face Research Lab London Set as PERSON/PERSON_{neutral,smiling}.jpg."""
    return [
        Portraits(one.name, *(_picture(one / f"{one.name}_{kind}.jpg") for kind in ("neutral", "smiling")))
        for one in sorted(path for path in folder.iterdir() if path.is_dir())
    ]


def rendered() -> list[Image]:
    """One picture of each synthetic pupil: a cohort that is nobody's biometric."""
    return [_picture(one / "enrol_1.jpg") for one in sorted(PUPILS.glob("p*")) if one.is_dir()]


def embedders(store: Store) -> dict[System, Embedder]:
    """The product's own embedders. Raises ModelError for a missing model."""
    sface = store.load(CATALOGUE[ModelName.SFACE])
    dlib = store.load(CATALOGUE[ModelName.DLIB])
    return {
        System.SFACE: SFace(sface),
        System.SFACE_M: SFace(sface, mirror=True),
        System.DLIB: DlibResNet(dlib),
        System.DLIB_M: DlibResNet(dlib, mirror=True),
    }


def collect(
    people: Sequence[Portraits],
    outsiders: Sequence[Image],
    detector: Detector,
    embedders: Mapping[System, Embedder],
    *,
    visits: int,
    frames: int,
    seed: int,
    progress: Callable[[], None],
) -> Probes:
    """Spoil, detect, assess and embed; the same seed gives the same vectors. Calls `progress` a person."""
    total = len(people) * visits
    quality = np.full((total, frames), np.nan)
    templates = {name: np.full((len(people), one.dimension), np.nan) for name, one in embedders.items()}
    vectors = {name: np.full((total, frames, one.dimension), np.nan) for name, one in embedders.items()}
    for number, portraits in enumerate(people):
        random = np.random.default_rng([seed, number])
        enrolled = detector.detect(portraits.enrol)[0]
        for name, embedder in embedders.items():
            templates[name][number] = embedder.embed(portraits.enrol, enrolled)
        source = detector.detect(portraits.probe)[0]
        for visit in range(number * visits, (number + 1) * visits):
            for index, spoiling in enumerate(random_frames(random_visit(random), frames, random)):
                frame = spoil(portraits.probe, source, spoiling, random)
                faces = detector.detect(frame)
                if not faces:
                    continue
                quality[visit, index] = assess(frame, faces[0]).overall
                for name, embedder in embedders.items():
                    vectors[name][visit, index] = embedder.embed(frame, faces[0])
        progress()
    others = {
        name: np.asarray([one.embed(image, detector.detect(image)[0]) for image in outsiders], np.float64)
        for name, one in embedders.items()
    }
    return Probes(np.repeat(np.arange(len(people)), visits), quality, templates, vectors, others)


def unit(vectors: Floats) -> Floats:
    """Each to length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def scores(system: System, templates: Mapping[System, Floats], frames: Mapping[System, Floats]) -> Floats:
    """(v, f, n): cosine for SFace, 1 - distance of unit vectors for dlib, for both the mean of the cosines.

    That mean is the cosine of the two unit vectors joined end to end.
    """
    parts = PARTS.get(system, (system,))
    cosines = np.mean([unit(frames[part]) @ unit(templates[part]).T for part in parts], axis=0)
    if system in (System.DLIB, System.DLIB_M):
        return np.asarray(1 - np.sqrt(np.maximum(2 - 2 * cosines, 0)))
    return np.asarray(cosines)


def as_searched(enrolled: Mapping[System, Floats], made_by: System, searched: System) -> dict[System, Floats]:
    """What one system enrolled, named as another one compares it: they may differ in mirroring."""
    names = zip(PARTS.get(searched, (searched,)), PARTS.get(made_by, (made_by,)), strict=True)
    return {part: enrolled[other] for part, other in names}


def mean_vectors(
    system: System, frames: Mapping[System, Floats], kept: NDArray[np.bool_]
) -> dict[System, Floats]:
    """(v, 1, d): the mean of each visit's kept frames, for the system or for both its parts."""
    parts = PARTS.get(system, (system,))
    weight = kept[..., np.newaxis].astype(float)
    with np.errstate(invalid="ignore"):  # a visit without a face stays NaN
        return {
            part: (np.nan_to_num(frames[part]) * weight).sum(1, keepdims=True) / weight.sum(1, keepdims=True)
            for part in parts
        }


def _picture(path: Path) -> Image:
    picture = cv2.imread(str(path))
    if picture is None:
        raise ImageError(f"cannot read {path}", "Name the folder of the London set")
    return np.asarray(picture, np.uint8)
