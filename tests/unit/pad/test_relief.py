"""The one measure that the challenge rests on: a flat picture must never move it, and a nose must."""

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.vision.pad.relief import NOSE_RELIEF, nose_place, stands_out
from tests.pad.heads import View, bent, flat, head, seen
from tests.pad.material import PUPILS, read
from tests.pad.models import find_both_ways
from tests.pad.turned import turn_of

VIEWS = st.builds(
    View, st.floats(-60, 60), st.floats(-45, 45), st.floats(-90, 90), distance=st.floats(250, 1500)
)
STRAIGHT = nose_place(seen(head(), View()).landmarks)


@given(VIEWS, VIEWS, st.floats(-0.4, 0.4))
@example(View(), View(-55, -33, distance=250), 0.0)  # the horizon of the plane runs across the picture
def test_a_flat_picture_keeps_its_nose_in_place_however_it_is_held(
    one: View, other: View, off_the_middle: float
) -> None:
    """Also a picture of a head that was turned when it was taken."""
    picture = flat()
    picture[2, 0] = off_the_middle
    first, second = (nose_place(seen(picture, view).landmarks) for view in (one, other))
    assert first is not None
    assert second is not None
    assert second.aside == pytest.approx(first.aside, abs=1e-3)


@given(st.floats(-50, 50), st.floats(-15, 15), st.floats(-30, 30), st.floats(400, 1500))
def test_a_nose_moves_by_its_relief_times_the_tangent_of_the_turn(
    yaw: float, pitch: float, roll: float, distance: float
) -> None:
    """Perspective, which draws the near nose larger, and the nod change it by a fifth at most."""
    place = nose_place(seen(head(), View(yaw, pitch, roll, distance)).landmarks)
    assert place is not None
    assert place.aside == pytest.approx(NOSE_RELIEF * np.tan(np.radians(yaw)), rel=0.2, abs=0.01)


@pytest.mark.parametrize("yaw", [-50, -35, 35, 50])
def test_the_relief_that_is_found_is_the_one_that_is_there(yaw: float) -> None:
    """Bent paper has a little, and narrows at the same time: that tells it from a nose."""
    for shape, least, most in ((head(), 0.5, 0.75), (flat(), 0, 0.01), (bent(75), 0, 0.15)):
        straight, turned = (nose_place(seen(shape, View(angle)).landmarks) for angle in (0, yaw))
        assert straight is not None
        assert turned is not None
        assert least <= stands_out(straight, turned) <= most


def test_a_face_that_did_not_narrow_says_nothing_about_its_relief() -> None:
    assert STRAIGHT is not None
    assert stands_out(STRAIGHT, STRAIGHT) == float("inf")


def test_left_is_the_persons_own_left_on_every_rendered_pupil() -> None:
    """The ground truth counts yaw to the pupil's left. Mixed up, every honest child would fail."""
    checked = 0
    for pupil in json.loads((PUPILS / "pupils.json").read_text("utf-8"))["pupils"]:
        rest = nose_place(find_both_ways(read(PUPILS / pupil["id"] / "enrol_1.jpg"))[0].landmarks)
        assert rest is not None
        for name, truth in pupil["images"].items():
            if abs(truth["yaw"]) > 20:
                place = nose_place(find_both_ways(read(PUPILS / pupil["id"] / name))[0].landmarks)
                assert place is not None
                assert (place.aside > rest.aside) == (truth["yaw"] > 0), f"{pupil['id']}/{name}"
                checked += 1
    assert checked > 40


def test_a_rendered_head_that_turns_moves_its_nose_all_the_way() -> None:
    pictures = turn_of(PUPILS / "p13" / "turn")
    places = {yaw: nose_place(find_both_ways(image)[0].landmarks) for yaw, image in pictures.items()}
    straight = places[-0.1]
    assert straight is not None
    for yaw, place in places.items():
        assert place is not None
        expected = NOSE_RELIEF * np.tan(np.radians(yaw))
        assert place.aside - straight.aside == pytest.approx(expected, rel=0.4, abs=0.02)


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((5, 2)),
        np.full((5, 2), np.nan),
        [(0, 0), (100, 0), (50, 50), (100, 100), (0, 100)],  # the mouth corners have changed sides
        [(0, 0), (1, 0), (0, 1), (0, 1), (1, 1)],
        [(0, 0), (100, 0), (1000, 50), (0, 100), (100, 100)],
    ],
)
def test_landmarks_that_are_no_face_are_not_measured(points: object) -> None:
    assert nose_place(np.asarray(points, np.float32)) is None
