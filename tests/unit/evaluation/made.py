"""Pictures and vectors whose right answers are known."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge.evaluation.acquisition import Acquisition, Sample
from edge.evaluation.evaluate import Evaluation, evaluate
from edge.evaluation.folder import Entry, Listing
from edge.evaluation.groups import Groups
from edge.vision.embed import Views
from edge.vision.engine_choice import EngineName
from edge.vision.face import Metric
from tests.builders import STRICT

Vectors = NDArray[np.float32]


def drawing(width: int = 96, height: int = 64) -> Image.Image:
    """Dark above, bright below: which way is up can be seen."""
    rows = np.linspace(20, 230, height)[:, np.newaxis, np.newaxis]
    return Image.fromarray(np.broadcast_to(rows, (height, width, 3)).astype(np.uint8))


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file of this kind."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def unit(vector: NDArray[Any]) -> Vectors:
    """Of length 1."""
    made: Vectors = (vector / np.linalg.norm(vector)).astype(np.float32)
    return made


def axis(number: int, size: int = 512) -> Vectors:
    """One of many vectors at right angles: nobody is like anybody."""
    made = np.zeros(size, np.float32)
    made[number] = 1
    return made


def random_people(
    seed: int, people: int, pictures: int, spread: float, size: int = 64
) -> dict[str, list[Vectors]]:
    """Each person's pictures scatter about a direction of their own."""
    draw = np.random.default_rng(seed)
    centres = [unit(draw.normal(size=size)) for _ in range(people)]
    return {
        f"{number:03}": [
            unit(centre + spread * draw.normal(size=size) / np.sqrt(size)) for _ in range(pictures)
        ]
        for number, centre in enumerate(centres)
    }


def views(pictures: Mapping[str, Sequence[Vectors]]) -> dict[str, list[Views]]:
    """As from an embedder that enrols what it searches with."""
    return {person: [Views(vector, vector) for vector in vectors] for person, vectors in pictures.items()}


def acquisition(pictures: Mapping[str, Sequence[Vectors]], metric: Metric = Metric.COSINE) -> Acquisition:
    """As if these vectors had come from pictures."""
    samples = tuple(
        Sample(Entry(person, Path(f"{number}.jpg")), {EngineName.SFACE: Views(vector, vector)})
        for person, vectors in sorted(pictures.items())
        for number, vector in enumerate(vectors)
    )
    listing = Listing(tuple(sample.entry for sample in samples), (), ())
    return Acquisition(listing, samples, (), {EngineName.SFACE: metric})


def evaluated(
    pictures: Mapping[str, Sequence[Vectors]],
    enrol: int = 1,
    seed: int = 0,
    groups: Groups | None = None,
    metric: Metric = Metric.COSINE,
) -> Evaluation:
    """The evaluation of these vectors."""
    return evaluate(
        acquisition(pictures, metric),
        {EngineName.SFACE: STRICT},
        enrol=enrol,
        seed=seed,
        groups=groups or {},
        progress=lambda share: None,
    )
