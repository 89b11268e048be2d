"""Open-set identification after ISO/IEC 19795-1: who is found, and who is taken for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Searches:
    """One score a visit: the true child's if it came first and was accepted, else -inf; a stranger's best.

    `..._person` says who stood there.
    """

    mated: Floats
    mated_person: NDArray[np.intp]
    stranger: Floats
    stranger_person: NDArray[np.intp]


def together(parts: Sequence[Searches]) -> Searches:
    """Searches of several splits as one."""
    return Searches(
        np.concatenate([part.mated for part in parts]),
        np.concatenate([part.mated_person for part in parts]),
        np.concatenate([part.stranger for part in parts]),
        np.concatenate([part.stranger_person for part in parts]),
    )


def fnir(searches: Searches, fpir: float, weight: Floats) -> float:
    """Share of mated visits missed at the lowest threshold that lets at most `fpir` of strangers in.

    `weight` (people,) counts every person so many times: all ones, or a bootstrap draw.
    """
    order = np.argsort(-searches.stranger)
    strangers = weight[searches.stranger_person[order]]
    let_in = np.cumsum(strangers)
    allowed = int(np.searchsorted(let_in, fpir * let_in[-1], side="right"))
    bar = searches.stranger[order[min(allowed, len(order) - 1)]]
    weights = weight[searches.mated_person]
    return float(weights[~(searches.mated > bar)].sum() / weights.sum())


def bootstrap_weights(people: int, draws: int, seed: int) -> Floats:
    """(draws, people): how often each person is drawn, with replacement."""
    random = np.random.default_rng(seed)
    return random.multinomial(people, np.full(people, 1 / people), draws).astype(np.float64)
