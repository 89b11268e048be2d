"""Several frames of one person become one answer: pure functions over what `Gallery.scores` returns.

No picture and no vector is kept: a frame is embedded while it is the newest, and only its scores stay.
What was compared, and why the mean of the best frames is what is left: docs/recognition.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.domain.ids import ChildId
from edge.match.score import Match, OperatingPoint, Verdict


@dataclass(frozen=True, slots=True)
class Look:
    """One embedded frame: its quality, 0 to 1, and its score against each of `children`.

    `children` is the gallery's own tuple, not a copy: it tells one gallery from the next.
    """

    quality: float
    children: tuple[ChildId, ...] = field(repr=False)
    scores: NDArray[np.float32] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fusion:
    """The `keep` best frames count, and at least `agree` of them must have the same child first."""

    keep: int = 3
    agree: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.agree <= self.keep:
            raise ValueError("agree is not between 1 and keep")


def kept(looks: Sequence[Look], fusion: Fusion) -> tuple[Look, ...]:
    """The looks that count, best first; of equal ones the newer.

    Looks at an older gallery never count: it may hold a child whose consent was withdrawn since.
    """
    current = [look for look in reversed(looks) if look.children is looks[-1].children]
    return tuple(sorted(current, key=lambda look: -look.quality)[: fusion.keep])


def worth_embedding(looks: Sequence[Look], quality: float, fusion: Fusion) -> bool:
    """Whether a frame of this quality would change what counts; embedding is the dearest stage."""
    best = kept(looks, fusion)
    return len(best) < fusion.keep or quality > best[-1].quality


def fuse(looks: Sequence[Look], point: OperatingPoint, fusion: Fusion) -> Match:
    """The answer of a track so far; the threshold and the margin are those of mean scores.

    NO_MATCH also while fewer than `fusion.agree` looks count; AMBIGUOUS also where frames disagree.
    """
    best = kept(looks, fusion)
    if len(best) < fusion.agree or not best[0].children:
        return Match(Verdict.NO_MATCH)
    mean = np.mean([look.scores for look in best], axis=0)
    first = int(mean.argmax())
    top = float(mean[first])
    mean[first] = -np.inf
    second = float(mean.max())
    if not top >= point.threshold:
        return Match(Verdict.NO_MATCH, None, top, second)
    agreeing = sum(int(look.scores.argmax()) == first for look in best)
    if top - second < point.margin or agreeing < fusion.agree:
        return Match(Verdict.AMBIGUOUS, None, top, second)
    return Match(Verdict.MATCH, best[0].children[first], top, second)
