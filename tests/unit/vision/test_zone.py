"""The zone of a lane: a wrong one would leave the gate blind, or let it look at the next lane's queue."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.vision.face import Face
from edge.vision.zone import Zone

PICTURE = np.zeros((480, 640, 3), np.uint8)


def face(x: float, y: float, side: float = 100.0) -> Face:
    return Face((x - side / 2, y - side / 2, side, side), np.zeros((5, 2), np.float32), 0.9)


def test_the_middle_of_the_face_decides() -> None:
    zone = Zone(left=0.25, right=0.75, top=0.1)
    inside, leaning_out, next_lane, lamp = face(320, 240), face(170, 240), face(150, 240), face(320, 20)
    assert zone.within(PICTURE, [inside, next_lane, leaning_out, lamp]) == [inside, leaning_out]


@given(st.floats(0, 640), st.floats(0, 480))
def test_without_a_zone_nobody_is_overlooked(x: float, y: float) -> None:
    seen = face(x, y)
    assert Zone().within(PICTURE, [seen]) == [seen]


@pytest.mark.parametrize("sides", [{"left": 0.6, "right": 0.4}, {"top": 1.0}, {"right": 1.2}, {"middle": 1}])
def test_a_zone_that_holds_nobody_or_lies_outside_stops_the_start(sides: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Zone.model_validate(sides)
