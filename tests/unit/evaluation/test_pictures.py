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


def test_a_file_of_absurd_size_is_not_read_into_memory(tmp_path: Path) -> None:
    with (tmp_path / "film.jpg").open("wb") as file:
        file.truncate(3_000_000_000)
    assert read_bytes(tmp_path / "film.jpg") is Problem.TOO_LARGE
