"""The gallery in memory: one contiguous float32 matrix, searched with one matrix-vector product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.domain.consent import Consent
from edge.domain.ids import ChildId
from edge.match.fuse import unit
from edge.match.score import Match, Verdict, similarity
from edge.match.threshold import OperatingPoint
from edge.vault.templates import Template
from edge.vision.face import Metric, Vector


@dataclass(frozen=True, slots=True)
class Gallery:
    """References of n children: column i of `vectors` (d, n) is the mean of child i's templates.

    One mean each, not the best of several templates: docs/recognition.md. One child a column, not one a row:
    measured twice as fast to search (one thread, 100,000 columns).
    """

    consents: Mapping[ChildId, Consent] = field(repr=False)
    children: tuple[ChildId, ...] = field(repr=False)
    vectors: NDArray[np.float32] = field(repr=False)
    metric: Metric

    @classmethod
    def build(cls, templates: Sequence[Template], metric: Metric) -> "Gallery":
        """Take templates that are ordered by child."""
        consents: dict[ChildId, Consent] = {}
        starts: list[int] = []
        for row, template in enumerate(templates):
            if template.consent.child not in consents:
                consents[template.consent.child] = template.consent
                starts.append(row)
        vectors = np.empty((0, 0), np.float32)
        if templates:
            sums = np.add.reduceat(np.stack([template.vector for template in templates]), starts)
            means = (sums.T / np.diff([*starts, len(templates)])).T.astype(np.float32)
            vectors = np.ascontiguousarray(unit(means).T)
        return cls(consents, tuple(consents), vectors, metric)

    def __len__(self) -> int:
        return len(self.children)

    def scores(self, probe: Vector) -> NDArray[np.float32]:
        """Score of each child against one rotated probe, shape (children,)."""
        return similarity(probe @ self.vectors, self.metric)

    def search(self, probe: Vector, point: OperatingPoint) -> Match:
        """1:N identification: the best child, unless another one is nearly as good."""
        if not self.children:
            return Match(Verdict.NO_MATCH)
        scores = self.scores(probe)
        best = int(scores.argmax())
        top = float(scores[best])
        scores[best] = -np.inf
        second = float(scores.max())
        if not top >= point.threshold:
            return Match(Verdict.NO_MATCH, None, top, second)
        if top - second < point.margin:
            return Match(Verdict.AMBIGUOUS, None, top, second)
        return Match(Verdict.MATCH, self.children[best], top, second)

    def wipe(self) -> None:
        """Overwrite the vectors before the memory is given back."""
        self.vectors.fill(0)
