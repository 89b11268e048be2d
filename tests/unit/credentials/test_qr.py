"""The gate's camera reads a pass as children hold it: small, turned, tilted, blurred, dim, on a phone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.vision.qr import draw_code, read_codes
from tests.gate.parts import picture
from tests.unit.credentials.made import text
from tests.unit.credentials.shown import Showing, printed, shown

LANE = picture("p01", "approach/05")
TEXT = text()


@pytest.mark.parametrize(
    "how",
    [
        Showing(module=2),
        Showing(module=2, phone=True),
        Showing(module=8),
        Showing(module=3, turn=45),
        Showing(module=3, turn=180),
        Showing(module=3, tilt=0.3),
        Showing(module=3, blur=1.2),
        Showing(module=3, light=0.1),
        Showing(module=3, light=1.8),
        Showing(module=3, phone=True, light=0.1),
        Showing(module=3, phone=True, glare=0.3),
        Showing(module=3, phone=True, glare=0.25, turn=70, tilt=0.15, blur=1.0, light=0.3),
    ],
    ids=repr,
)
def test_a_pass_is_read_as_it_is_held(how: Showing) -> None:
    for seed in range(3):
        assert read_codes(shown(printed(TEXT), how, LANE, seed)) == [TEXT]


def test_two_passes_side_by_side_are_both_read() -> None:
    other = text(2)
    both = np.hstack([printed(TEXT), printed(other)]).repeat(4, 0).repeat(4, 1)
    assert sorted(read_codes(np.dstack([both] * 3))) == sorted([TEXT, other])


def test_a_lane_without_a_code_gives_none() -> None:
    assert read_codes(LANE) == []
    assert read_codes(np.zeros((480, 640, 3), np.uint8)) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32 - 1))
def test_any_picture_is_read_without_complaint(height: int, width: int, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    for image in (noise, noise[::-1, ::2], np.where(noise > 127, 255, 0).astype(np.uint8)):
        assert all(isinstance(code, str) for code in read_codes(image))


def test_a_pass_of_this_product_is_a_code_of_version_6() -> None:
    """Larger versions have smaller modules: a longer pass would no longer be read from as far away."""
    assert draw_code(TEXT).shape == (41, 41)
