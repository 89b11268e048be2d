"""The gallery in memory: one contiguous float32 matrix, searched with one matrix-vector product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.domain.consent import Consent
from edge.domain.ids import ChildId
from edge.match.score import Match, OperatingPoint, Verdict
from edge.vault.templates import Template
from edge.vision.face import Metric, Vector


@dataclass(frozen=True, slots=True)
class Gallery:
    """References of n children: `vectors` (d, templates), grouped by child; group i starts at `starts[i]`.

    One template a column: measured twice as fast to search as one a row (one thread, 100,000 templates).
    """

    consents: Mapping[ChildId, Consent] = field(repr=False)
    children: tuple[ChildId, ...] = field(repr=False)
    vectors: NDArray[np.float32] = field(repr=False)
    starts: NDArray[np.intp] = field(repr=False)
    squares: NDArray[np.float32] = field(repr=False)
    metric: Metric

    @classmethod
    def build(cls, templates: Sequence[Template], metric: Metric) -> "Gallery":
        """Take templates that are ordered by child."""
        consents: dict[ChildId, Consent] = {}
        starts: list[int] = []
        for column, template in enumerate(templates):
            if template.consent.child not in consents:
                consents[template.consent.child] = template.consent
                starts.append(column)
        vectors = (
            np.stack([template.vector for template in templates], axis=1)
            if templates
            else np.empty((0, 0), np.float32)
        )
        squares = np.einsum("ij,ij->j", vectors, vectors)
        return cls(consents, tuple(consents), vectors, np.array(starts, np.intp), squares, metric)

    def __len__(self) -> int:
        return len(self.children)

    def scores(self, probe: Vector) -> NDArray[np.float32]:
        """Best score of each child against one rotated probe, shape (children,)."""
        best: NDArray[np.float32] = np.maximum.reduceat(self._template_scores(probe), self.starts)
        return best

    def search(self, probe: Vector, point: OperatingPoint) -> Match:
        """1:N identification: the best child, unless another one is nearly as good."""
        if not self.children:
            return Match(Verdict.NO_MATCH)
        scores = self._template_scores(probe)
        best = int(scores.argmax())
        top = float(scores[best])
        first = int(self.starts.searchsorted(best, side="right")) - 1
        scores[self.starts[first] : self._end(first)] = -np.inf
        second = float(scores.max())
        if not top >= point.threshold:
            return Match(Verdict.NO_MATCH, None, top, second)
        if top - second < point.margin:
            return Match(Verdict.AMBIGUOUS, None, top, second)
        return Match(Verdict.MATCH, self.children[first], top, second)

    def _template_scores(self, probe: Vector) -> NDArray[np.float32]:
        products: NDArray[np.float32] = probe @ self.vectors
        if self.metric is Metric.EUCLIDEAN:
            squared = self.squares + probe @ probe - 2 * products
            return 1 - np.sqrt(np.maximum(squared, 0))
        return products

    def _end(self, child: int) -> int:
        return int(self.starts[child + 1]) if child + 1 < len(self.starts) else self.vectors.shape[1]

    def wipe(self) -> None:
        """Overwrite the vectors before the memory is given back."""
        self.vectors.fill(0)
