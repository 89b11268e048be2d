"""Folders of pictures as presentations, and the score that a gate's checks give each of them.

A presentation is one picture, or, for checks that need to see motion, one folder of frames in the order of
their names. Bad files are skipped and counted; a presentation in which no face is found is refused.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from edge.errors import ConfigError
from edge.evaluation.pictures import Problem, decode, read_bytes
from edge.vision.detect import Detector
from edge.vision.frame import Image
from edge.vision.pad.check import Look
from edge.vision.pad.metrics import Scores
from edge.vision.pad.pad import Pad


@dataclass(frozen=True, slots=True)
class Presentation:
    """Frames of one presentation, oldest first."""

    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one presentation; one without a single usable file is no presentation at all."""

    score: float = field(repr=False)
    face_found: bool
    usable: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of a folder's presentations; `problems` counts what was skipped, `no_face` what was refused."""

    scores: Scores = field(repr=False)
    no_face: int
    problems: Mapping[Problem, int]


@dataclass(frozen=True, slots=True)
class Scorer:
    """The checks as a gate runs them. The first check's score is the one whose threshold is varied.

    `interval` is the time between two frames of a sequence in seconds.
    """

    detector: Detector
    pad: Pad
    interval: float = 0.1

    def score(self, images: Sequence[Image]) -> tuple[float, bool]:
        """The live score, NaN if another check always denied, and whether any face was found.

        A gate opens at the first moment at which every check agrees, so the best moment is what counts.
        """
        track, found, best = self.pad.begin(), False, float("nan")
        for index, image in enumerate(images):
            faces = self.detector.detect(image)
            if not faces:
                continue
            found = True
            track.add(Look(image, faces[0], index * self.interval))
            (_, first), *others = track.findings()
            if all(finding.reason is None for _, finding in others):
                best = float(np.fmax(best, first.score))
        return best, found


def list_presentations(folder: Path, sequences: bool) -> tuple[Presentation, ...]:
    """Every picture below `folder`, or every folder with pictures. Raises ConfigError if there is none."""
    try:
        files = sorted(
            path
            for path in folder.rglob("*")
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        )
    except OSError as error:
        raise ConfigError(f"cannot list {folder}: {error.strerror}", "Check the folder") from error
    if not files:
        raise ConfigError(f"there are no pictures in {folder}", "Check the path")
    if not sequences:
        return tuple(Presentation((file,)) for file in files)
    return tuple(
        Presentation(tuple(file for file in files if file.parent == parent))
        for parent in sorted({file.parent for file in files})
    )


def score_each(presentations: Sequence[Presentation], scorer: Scorer) -> Iterator[Outcome]:
    """One outcome a presentation, in order; one presentation is held in memory at a time."""
    for presentation in presentations:
        read = [_read(file) for file in presentation.files]
        images = [image for image in read if not isinstance(image, Problem)]
        problems = tuple(problem for problem in read if isinstance(problem, Problem))
        score, found = scorer.score(images) if images else (float("nan"), False)
        yield Outcome(score, found, bool(images), problems)


def collect(outcomes: Sequence[Outcome]) -> Scored:
    """The scores of what could be read, and what could not. Raises ConfigError if nothing could."""
    usable = [outcome for outcome in outcomes if outcome.usable]
    if not usable:
        raise ConfigError("none of the files is a picture that can be used", "Check the folder")
    return Scored(
        scores=np.asarray([outcome.score for outcome in usable], np.float64),
        no_face=sum(not outcome.face_found for outcome in usable),
        problems=dict(Counter(problem for outcome in outcomes for problem in outcome.problems)),
    )


def _read(file: Path) -> Image | Problem:
    data = read_bytes(file)
    return data if isinstance(data, Problem) else decode(data)
