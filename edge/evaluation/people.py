"""Who is enrolled with which pictures, and which pictures remain as probes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.errors import ConfigError
from edge.match.fuse import unit
from edge.match.score import similarity
from edge.vision.embed import Views
from edge.vision.face import Metric

Indices = NDArray[np.intp]
Scores = NDArray[np.float32]

_ROWS = 256  # probes scored at a time: with 10,000 references 10 MB of scores
_LEAST_ENROLLABLE = 2


@dataclass(frozen=True, slots=True)
class People:
    """n pictures of p people, for one engine.

    `owner` (n,) is the person of each picture, ascending. `references` (c,) are the people with more than
    `enrol` pictures; the mean of the first `enrol` of each by file name is their template, a row of
    `templates` (c, d). The rest are marked in `probe` (n,), and so are all pictures of the others.
    """

    names: tuple[str, ...] = field(repr=False)
    metric: Metric
    enrol: int
    owner: Indices = field(repr=False)
    vectors: NDArray[np.float32] = field(repr=False)
    references: Indices = field(repr=False)
    templates: NDArray[np.float32] = field(repr=False)
    probe: NDArray[np.bool_] = field(repr=False)

    @classmethod
    def of(cls, pictures: Mapping[str, Sequence[Views]], metric: Metric, enrol: int) -> "People":
        """`pictures` are those of each person by file name. Raises ConfigError if too few can be enrolled."""
        names = tuple(sorted(pictures))
        counts = np.asarray([len(pictures[name]) for name in names], np.intp)
        references = np.flatnonzero(counts > enrol)
        if len(references) < _LEAST_ENROLLABLE:
            raise ConfigError(
                f"only {len(references)} people have {enrol + 1} usable pictures or more, "
                f"{enrol} to enrol and one to be recognised by",
                "Give more people more pictures, or ask for a smaller --enrol",
            )
        owner = np.repeat(np.arange(len(names)), counts)
        views = [one for name in names for one in pictures[name]]
        vectors = np.stack([one.probe for one in views])
        starts = np.cumsum(counts) - counts
        rows = starts[references, np.newaxis] + np.arange(enrol)
        probe = np.ones(len(owner), np.bool_)
        probe[rows.ravel()] = False
        enrolled = np.stack([views[row].reference for row in rows.ravel()])
        means = enrolled.reshape(len(references), enrol, -1).mean(axis=1, dtype=np.float32)
        return cls(names, metric, enrol, owner, vectors, references, unit(means), probe)

    def scored(self) -> Iterator[tuple[slice, Scores]]:
        """All pictures against all references, some rows at a time: scores (rows, c).

        As `edge.match.gallery.Gallery.scores`.
        """
        for begin in range(0, len(self.owner), _ROWS):
            rows = slice(begin, min(begin + _ROWS, len(self.owner)))
            yield rows, similarity(self.vectors[rows] @ self.templates.T, self.metric)
