"""No proper picture is refused at enrolment: the floor is where quality first has something to say.

That is a component under 0.5, the value at which a hint is given (edge/vision/quality/component.py), and no
number of its own. Measured with these two sets: the worst component of any enrolment picture of the rendered
pupils is 0.71 (a pose), of any London portrait 0.72 (a mouth).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from edge.vision.engine import Engine
from edge.vision.frame import Image
from edge.vision.quality.assess import assess
from enrollment.capture import only_face, read_picture, require_quality
from tests.gate.parts import PUPILS, engine_or_skip

LONDON = Path(__file__).resolve().parents[3] / "shared" / "faces" / "london"


def test_every_enrolment_picture_of_the_pupils_is_good_enough() -> None:
    worst = least(engine_or_skip(), sorted(PUPILS.glob("p*/enrol_?.jpg")))
    assert worst == pytest.approx(0.708, abs=0.02)


@pytest.mark.skipif(not LONDON.is_dir(), reason="the Face Research Lab London Set is not here")
def test_every_london_portrait_is_good_enough() -> None:
    worst = least(engine_or_skip(), sorted(LONDON.glob("*/*.jpg")))
    assert worst == pytest.approx(0.721, abs=0.02)


def least(engine: Engine, paths: Sequence[Path]) -> float:
    """The worst component of all these pictures, every one of which must be taken."""
    assert len(paths) > 50
    values = []
    for path, image in pictures(paths):
        face = only_face(engine.detector.detect(image), path.name)
        require_quality(image, face, path.name)
        values.append(assess(image, face).worst.value)
    return min(values)


def pictures(paths: Sequence[Path]) -> Iterator[tuple[Path, Image]]:
    return ((path, read_picture(path)) for path in paths)
