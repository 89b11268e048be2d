"""Everything that is measured on acquired pictures, one engine after the other."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from edge.errors import ConfigError
from edge.evaluation.acquisition import Acquisition
from edge.evaluation.groups import GroupRow, Groups, Worst, by_group, worst_groups
from edge.evaluation.identification import (
    AtProductPoint,
    Identification,
    Searches,
    identification,
)
from edge.evaluation.people import People
from edge.evaluation.splits import Split, gallery_sizes, make_splits
from edge.evaluation.tally import draw_people
from edge.evaluation.verification import Comparisons, Verification, verification
from edge.match.threshold import Strictness
from edge.vision.embed import Views
from edge.vision.engine_choice import EngineName

Curve = tuple[tuple[float, float, float], ...]
Progress = Callable[[float], None]
"""Called with the share that is done."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures. `curves`: (threshold, FPIR, FNIR) for each engine and gallery size."""

    enrol: int
    seed: int
    acquisition: Acquisition = field(repr=False)
    verification: tuple[Verification, ...]
    identification: tuple[Identification, ...]
    product: tuple[AtProductPoint, ...]
    groups: tuple[GroupRow, ...]
    worst: tuple[Worst, ...]
    curves: Mapping[tuple[str, int], Curve] = field(repr=False)


def evaluate(
    acquisition: Acquisition,
    strictness: Mapping[EngineName, Strictness],
    *,
    enrol: int,
    seed: int,
    groups: Groups,
    progress: Progress,
) -> Evaluation:
    """Measure every engine of the acquisition; `strictness` is what the gate asks for with each.

    Raises ConfigError if there are too few people or pictures to measure anything.
    """
    parts = []
    for number, (name, metric) in enumerate(acquisition.metrics.items()):
        people = People.of(_vectors(acquisition, name), metric, enrol)

        def done(share: float, number: int = number) -> None:
            progress((number + share) / len(acquisition.metrics))

        parts.append(
            _engine(name, people, acquisition, strictness[name], seed=seed, groups=groups, progress=done)
        )
    rows = tuple(row for part in parts for row in part.groups)
    return Evaluation(
        enrol,
        seed,
        acquisition,
        tuple(part.verification for part in parts),
        tuple(row for part in parts for row in part.identification),
        tuple(row for part in parts for row in part.product),
        rows,
        worst_groups(rows),
        {key: curve for part in parts for key, curve in part.curves.items()},
    )


@dataclass(frozen=True, slots=True)
class _Part:
    verification: Verification
    identification: tuple[Identification, ...]
    product: tuple[AtProductPoint, ...]
    groups: tuple[GroupRow, ...]
    curves: Mapping[tuple[str, int], Curve]


def _engine(
    engine: str,
    people: People,
    acquisition: Acquisition,
    strictness: Strictness,
    *,
    seed: int,
    groups: Groups,
    progress: Progress,
) -> _Part:
    splits = make_splits(people, seed)
    sizes = gallery_sizes(splits)
    weights = draw_people(len(people.names), seed)
    failures = [acquisition.failures[name] for name in people.names]
    verified = verification(engine, people.enrol, _compared(people), weights)
    galleries = []
    for number, size in enumerate(sizes):
        progress(number / len(sizes))
        # One size after the other: the scores are soon made again, and the counts of all would fill a Pi.
        searches = _searched(people, splits, size, strictness.margin)
        point = strictness.point(size)
        galleries.append(identification(engine, people, searches, weights, point=point, failures=failures))
    progress(1.0)
    largest = galleries[-1]
    return _Part(
        verified,
        tuple(row for gallery in galleries for row in gallery.rows),
        tuple(gallery.product for gallery in galleries),
        by_group(engine, groups, people, acquisition, searches=searches, rows=largest.rows, weights=weights),
        {(engine, size): gallery.curve for size, gallery in zip(sizes, galleries, strict=True)},
    )


def _compared(people: People) -> Comparisons:
    comparisons = Comparisons.empty(len(people.names))
    for rows, scores in people.scored():
        comparisons.add(people, rows, scores)
    return comparisons


def _searched(people: People, splits: Sequence[Split], size: int, margin: float) -> Searches:
    searches = Searches(people, splits, size, margin)
    for rows, scores in people.scored():
        searches.add(rows, scores)
    return searches


def _vectors(acquisition: Acquisition, engine: EngineName) -> Mapping[str, list[Views]]:
    if not acquisition.samples:
        raise ConfigError(
            "not one of the pictures gave a usable face", "See the reasons above, and use portraits of people"
        )
    pictures: dict[str, list[Views]] = defaultdict(list)
    for sample in acquisition.samples:
        pictures[sample.entry.person].append(sample.vectors[engine])
    return pictures
