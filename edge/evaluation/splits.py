"""Who is enrolled and who is a stranger, again and again, so that everybody serves both ways."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.evaluation.people import Indices, People

REPEATS = 4
PARTS = 5
STANDARD_SIZES = (50, 100, 250, 500, 1000, 2500, 5000, 10_000)


@dataclass(frozen=True, slots=True)
class Split:
    """`enrolled`: columns of the references in random order; a gallery of n takes the first n.

    `strangers`: people who are not enrolled, all of whose pictures are non-mated probes.
    """

    enrolled: Indices = field(repr=False)
    strangers: Indices = field(repr=False)


def make_splits(people: People, seed: int) -> tuple[Split, ...]:
    """Deal everybody into five parts, four times over; each part stands outside once.

    The people who could be enrolled and those who could not are dealt separately, so that each part has
    its share of both. In a repeat every picture of everybody is a non-mated probe exactly once.
    """
    generator = np.random.default_rng(seed)
    others = np.setdiff1d(np.arange(len(people.names)), people.references)
    parts = min(PARTS, len(people.references))
    splits = []
    for _ in range(REPEATS):
        able = np.array_split(generator.permutation(len(people.references)), parts)
        unable = np.array_split(generator.permutation(others), parts)
        for outside, strangers in zip(able, unable, strict=True):
            inside = np.setdiff1d(np.arange(len(people.references)), outside)
            splits.append(
                Split(
                    generator.permutation(inside),
                    np.sort(np.concatenate([people.references[outside], strangers])),
                )
            )
    return tuple(splits)


def gallery_sizes(splits: Sequence[Split]) -> tuple[int, ...]:
    """The standard sizes that every split can fill, and the largest that it can."""
    largest = min(len(split.enrolled) for split in splits)
    return (*(size for size in STANDARD_SIZES if size < largest), largest)
