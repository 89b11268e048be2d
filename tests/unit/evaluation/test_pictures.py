import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edge.evaluation.headers import Header, read_header
from edge.evaluation.pictures import Problem, decode, read_bytes
from tests.unit.evaluation.made import drawing, encoded

KINDS = ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "JPEG2000", "AVIF"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_common_format_is_read(kind: str) -> None:
    image = decode(encoded(drawing(), kind))
    assert isinstance(image, np.ndarray)
    assert image.shape == (64, 96, 3)


@pytest.mark.parametrize("suffix", [".hdr", ".ras", ".ppm", ".pam", ".jp2", ".pfm", ".tiff", ".webp"])
def test_what_opencv_writes_is_read_again(suffix: str) -> None:
    picture = np.asarray(drawing(), np.uint8)
    if suffix in (".hdr", ".pfm"):
        written = cv2.imencode(suffix, picture.astype(np.float32))[1]
    else:
        written = cv2.imencode(suffix, picture)[1]
    assert read_header(written.tobytes()) == Header(96, 64)


@pytest.mark.parametrize("options", [{"lossless": True}, {"exif": b"Exif\0\0"}, {}])
def test_all_three_kinds_of_webp_tell_their_size(options: dict[str, object]) -> None:
    assert read_header(encoded(drawing(), "WEBP", **options)) == Header(96, 64)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_was_cut_short_is_damaged_and_not_half_a_face(kind: str) -> None:
    whole = encoded(drawing(640, 480), kind)
    assert decode(whole[: len(whole) * 2 // 3]) is Problem.DAMAGED


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_a_film_is_told_from_a_picture(kind: str) -> None:
    film = encoded(drawing(), kind, save_all=True, append_images=[drawing().rotate(180)])
    assert decode(film) is Problem.ANIMATED


def test_a_huge_picture_is_turned_away_before_a_pixel_is_decoded() -> None:
    header_alone = encoded(Image.new("1", (8000, 6300)), "PNG")[:64]
    assert decode(header_alone) is Problem.TOO_LARGE


def test_a_picture_that_is_only_long_is_turned_away() -> None:
    assert decode(encoded(Image.new("1", (50, 40_000)), "PNG")[:64]) is Problem.TOO_LARGE


def test_one_pixel_is_too_small() -> None:
    assert decode(encoded(drawing(1, 1), "PNG")) is Problem.TOO_SMALL


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xd8\xff", b"GIF89a", b"RIFF1234WEBP", b"BM"])
def test_what_is_no_picture_is_said_to_be_none(data: bytes) -> None:
    assert decode(data) is Problem.NOT_A_PICTURE


def test_a_cmyk_jpeg_shows_the_same_person_as_the_rgb_one() -> None:
    plain, printed = (
        decode(encoded(drawing().convert(mode), "JPEG", quality=95)) for mode in ("RGB", "CMYK")
    )
    assert isinstance(plain, np.ndarray)
    assert isinstance(printed, np.ndarray)
    assert np.abs(plain.astype(int) - printed).mean() < 6


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16"])
def test_grey_transparent_and_sixteen_bit_pictures_show_what_the_plain_one_shows(mode: str) -> None:
    plain = np.asarray(drawing())
    if mode == "I;16":
        data = cv2.imencode(".png", plain.astype(np.uint16) * 257)[1].tobytes()
    else:
        data = encoded(drawing().convert(mode), "PNG")
    image = decode(data)
    assert isinstance(image, np.ndarray)
    assert image.dtype == np.uint8
    assert image.shape == (64, 96, 3)
    rows = image.mean(axis=(1, 2))  # one bit a pixel: only the mean is still that of the picture
    assert np.abs(np.convolve(rows - plain.mean(axis=(1, 2)), np.ones(16) / 16, "valid")).max() < 12


def test_a_picture_of_fifty_megapixels_is_turned_away_by_its_first_bytes() -> None:
    photograph = encoded(Image.new("L", (8700, 5800)), "JPEG")
    assert decode(photograph) is Problem.TOO_LARGE
    assert decode(photograph[:1000]) is Problem.TOO_LARGE


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_ways_to_hold_a_telephone_give_the_same_upright_picture(orientation: int) -> None:
    upright = np.asarray(drawing()).copy()
    upright[:, 48:] //= 2  # which side is left can be seen, too
    stored = Image.fromarray(upright)
    for done in BY_THE_CAMERA[orientation]:
        stored = stored.transpose(done)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = decode(encoded(stored, "JPEG", exif=exif, quality=95))
    assert isinstance(image, np.ndarray)
    assert image.shape == upright.shape
    assert np.abs(image.astype(int) - upright).mean() < 3


FLIP, TURN = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90
BY_THE_CAMERA = {  # what was done to the upright picture, by its EXIF orientation (TIFF 6.0, tag 274)
    1: [],
    2: [FLIP],
    3: [TURN, TURN],
    4: [FLIP, TURN, TURN],
    5: [FLIP, TURN],
    6: [TURN],
    7: [FLIP, TURN, TURN, TURN],
    8: [TURN, TURN, TURN],
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_telephone_held_sideways_gives_an_upright_face(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = decode(encoded(drawing().rotate(90, expand=True), kind, exif=exif))
    assert isinstance(image, np.ndarray)
    assert image.shape == (64, 96, 3)
    assert image[0].mean() < image[-1].mean()


@given(st.binary(max_size=200), st.sampled_from(KINDS))
def test_no_damage_brings_the_evaluation_down(noise: bytes, kind: str) -> None:
    whole = bytearray(encoded(drawing(), kind))
    at = len(noise) % 40
    whole[at : at + len(noise)] = noise
    assert isinstance(decode(bytes(whole)), np.ndarray | Problem)


def test_a_pipe_in_the_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert read_bytes(tmp_path / "pipe.jpg") is Problem.UNREADABLE


def test_a_broken_link_is_reported(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere")
    assert read_bytes(tmp_path / "gone.jpg") is Problem.UNREADABLE


def test_a_link_in_a_circle_is_reported(tmp_path: Path) -> None:
    (tmp_path / "round.jpg").symlink_to("round.jpg")
    assert read_bytes(tmp_path / "round.jpg") is Problem.UNREADABLE


def test_a_file_that_may_not_be_read_is_reported(folder_of_nobody: Path) -> None:
    path = folder_of_nobody / "secret.jpg"
    path.write_bytes(encoded(drawing(), "JPEG"))
    path.chmod(0)
    assert read_bytes(path) is Problem.UNREADABLE


def test_a_file_of_absurd_size_is_not_read_into_memory(tmp_path: Path) -> None:
    with (tmp_path / "film.jpg").open("wb") as file:
        file.truncate(3_000_000_000)
    assert read_bytes(tmp_path / "film.jpg") is Problem.TOO_LARGE
