"""The ways to make one score vector of a visit's frames, all over (v, f, n) scores with NaN for no face."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Chosen = NDArray[np.bool_]

KEPT = 3
AGREE = 2


class Rule(StrEnum):
    """How frames are chosen and joined."""

    SINGLE = "one frame, any"
    BEST = "best frame"
    MEAN_ANY = "mean score, 3 any"
    MEAN_VECTOR = "mean vector, best 3"
    MEAN = "mean score, best 3"
    WEIGHTED = "mean weighted by quality, all 8"
    MEAN_ALL = "mean score, all 8"
    MEAN_5 = "mean score, best 5"
    MAX = "max score, best 3"
    MAX_ALL = "max score, all 8"
    AGREE = "mean, best 3, 2 agree"
    AGREE_5 = "mean, best 5, 3 agree"
    MARGIN = "mean, best 3, margin"


class Norm(StrEnum):
    """What a frame's scores are measured against."""

    NONE = "none"
    GALLERY = "gallery"
    COHORT = "cohort"
    RENDERED = "rendered cohort"


def best(quality: Floats, count: int) -> Chosen:
    """(v, f): the `count` best frames of each visit that show a face."""
    ranks = np.argsort(np.argsort(-np.nan_to_num(quality, nan=-1), axis=1, kind="stable"), axis=1)
    return (ranks < count) & ~np.isnan(quality)


def any_frames(quality: Floats, count: int, seed: int) -> Chosen:
    """(v, f): some frames that show a face, whatever their quality."""
    lots = np.random.default_rng(seed).random(quality.shape)
    return best(np.where(np.isnan(quality), np.nan, lots), count)


def choose(rule: Rule, quality: Floats, seed: int) -> Chosen:
    """Which frames a rule looks at."""
    match rule:
        case Rule.SINGLE:
            return any_frames(quality, 1, seed)
        case Rule.MEAN_ANY:
            return any_frames(quality, KEPT, seed)
        case Rule.BEST:
            return best(quality, 1)
        case Rule.WEIGHTED | Rule.MEAN_ALL | Rule.MAX_ALL:
            return ~np.isnan(quality)
        case Rule.MEAN_5 | Rule.AGREE_5:
            return best(quality, 5)
        case _:
            return best(quality, KEPT)


def normalised(norm: Norm, scores: Floats, cohort: Floats) -> Floats:
    """Each frame's scores in standard deviations above its mean against the gallery, or a cohort."""
    if norm is Norm.NONE:
        return scores
    others = scores if norm is Norm.GALLERY else cohort
    return np.asarray((scores - others.mean(-1, keepdims=True)) / others.std(-1, keepdims=True))


def join(rule: Rule, scores: Floats, chosen: Chosen, quality: Floats, margin: float) -> tuple[Floats, Chosen]:
    """Fused scores (v, n), -inf where nothing was seen, and (v,) whether the rule accepts the visit."""
    seen: Chosen = np.asarray(chosen.any(1))
    weight = np.where(chosen, quality if rule is Rule.WEIGHTED else 1.0, 0.0)[..., np.newaxis]
    filled = np.where(chosen[..., np.newaxis], scores, 0.0)
    if rule in (Rule.MAX, Rule.MAX_ALL):
        fused = np.where(chosen[..., np.newaxis], scores, -np.inf).max(1)
    else:
        fused = (filled * weight).sum(1) / np.maximum(weight.sum(1), 1e-12)
    fused[~seen] = -np.inf
    accepted = seen.copy()
    if rule in (Rule.AGREE, Rule.AGREE_5):
        named = np.where(chosen, filled.argmax(2), -1)
        votes = (named == fused.argmax(1)[:, np.newaxis]).sum(1)
        accepted &= votes >= (AGREE if rule is Rule.AGREE else AGREE + 1)
    if rule is Rule.MARGIN:
        top = np.sort(fused, axis=1)[:, -2:]
        with np.errstate(invalid="ignore"):  # -inf less -inf for a visit without a face
            accepted &= top[:, 1] - top[:, 0] >= margin
    return fused, accepted
