"""Decoding, turning and cropping: a camera may hang on its side, and may send rubbish."""

import cv2
import numpy as np
import pytest

from edge.vision.cameras.pictures import LARGEST_SIDE, SMALLEST_SIDE, decode, upright, usable
from edge.vision.cameras.settings import Crop, View
from edge.vision.frame import Image
from tests.unit.cameras.drawn import draw, jpeg


@pytest.fixture
def corners() -> Image:
    """80 x 60, top left corner red, top right green, bottom right blue, bottom left white."""
    image = np.zeros((60, 80, 3), np.uint8)
    image[:30, :40], image[:30, 40:] = (0, 0, 255), (0, 255, 0)
    image[30:, 40:], image[30:, :40] = (255, 0, 0), (255, 255, 255)
    return image


@pytest.mark.parametrize(
    ("rotate", "top_left", "shape"),
    [(0, (0, 0, 255), (60, 80)), (90, (255, 255, 255), (80, 60)), (180, (255, 0, 0), (60, 80)),
     (270, (0, 255, 0), (80, 60))],
)  # fmt: skip
def test_a_camera_on_its_side_gives_upright_faces(
    corners: Image, rotate: int, top_left: tuple[int, int, int], shape: tuple[int, int]
) -> None:
    turned = upright(corners, View.model_validate({"rotate": rotate}))
    assert turned.shape[:2] == shape
    assert tuple(turned[0, 0]) == top_left


def test_the_crop_is_of_the_turned_picture(corners: Image) -> None:
    view = View(rotate=90, crop=Crop(left=0.5, bottom=0.5))
    cropped = upright(corners, view)
    assert cropped.shape == (40, 30, 3)
    assert (cropped == (0, 0, 255)).all()
    assert cropped.flags.owndata


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8\xff\xd9", b"no picture", jpeg(draw(1))[:200], jpeg(draw(1, SMALLEST_SIDE - 1))],
    ids=["empty", "hollow", "text", "cut", "tiny"],
)
def test_rubbish_is_no_picture_and_no_exception(data: bytes) -> None:
    assert decode(data) is None


def test_a_grey_picture_becomes_bgr() -> None:
    grey = cv2.imencode(".png", np.full((60, 80), 99, np.uint8))[1].tobytes()
    image = decode(grey)
    assert image is not None
    assert image.shape == (60, 80, 3)


@pytest.mark.parametrize(
    "image",
    [
        None,
        np.zeros((60, 80), np.uint8),
        np.zeros((60, 80, 4), np.uint8),
        np.zeros((60, 80, 3), np.float32),
        np.zeros((SMALLEST_SIDE, LARGEST_SIDE + 1, 3), np.uint8),
    ],
    ids=["none", "grey", "alpha", "float", "wide"],
)
def test_what_a_driver_may_hand_over_instead_of_a_picture_is_refused(image: object) -> None:
    assert usable(image) is None
