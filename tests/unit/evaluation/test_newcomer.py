"""A folder as people really have it: whatever lies in it is used or named with its reason."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from edge.evaluation.pictures import Problem
from edge.vision.models.catalogue import CATALOGUE, ModelName
from tests.unit.evaluation.made import drawing, encoded
from tests.unit.evaluation.test_acquisition import PUPILS, pupils
from tests.unit.evaluation.test_evaluate_cli import PROGRAM, run
from tests.unit.models.installed import installed_store

FACE = Image.open(PUPILS / "p07" / "enrol_2.jpg").convert("RGB")
OTHER = Image.open(PUPILS / "p07" / "enrol_3.jpg").convert("RGB")

BAD: dict[str, tuple[Callable[[], bytes], Problem]] = {
    "cut.jpg": (lambda: encoded(FACE, "JPEG")[:9000], Problem.DAMAGED),
    "noise.jpg": (lambda: bytes(range(256)) * 20, Problem.NOT_A_PICTURE),
    "empty.jpg": (lambda: b"", Problem.NOT_A_PICTURE),
    "letter.pdf": (lambda: b"%PDF-1.4", Problem.NOT_A_PICTURE),
    "iphone.heic": (lambda: b"\0\0\0\x18ftypheic" + bytes(99), Problem.NOT_A_PICTURE),
    "pixel.png": (lambda: encoded(drawing(1, 1), "PNG"), Problem.TOO_SMALL),
    "poster.jpg": (lambda: encoded(Image.new("L", (8700, 5800)), "JPEG"), Problem.TOO_LARGE),
    "film.gif": (lambda: encoded(FACE, "GIF", save_all=True, append_images=[OTHER]), Problem.ANIMATED),
    "film.webp": (lambda: encoded(FACE, "WEBP", save_all=True, append_images=[OTHER]), Problem.ANIMATED),
    "wall.png": (lambda: encoded(drawing(640, 480), "PNG"), Problem.NO_FACE),
    "line\nbreak \x1b[31m.jpg": (lambda: b"x", Problem.NOT_A_PICTURE),
}


def sideways(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(image.rotate(90, expand=True), "JPEG", exif=exif)


def sixteen_bits() -> bytes:
    deep = np.asarray(FACE)[..., ::-1].astype(np.uint16) * 257
    return cv2.imencode(".png", deep)[1].tobytes()


GOOD: dict[str, Callable[[], bytes]] = {
    "cmyk.jpg": lambda: encoded(FACE.convert("CMYK"), "JPEG"),
    "sideways.jpg": lambda: sideways(FACE),
    "sixteen.png": sixteen_bits,
    "grey.png": lambda: encoded(FACE.convert("L"), "PNG"),
    "alpha.png": lambda: encoded(FACE.convert("RGBA"), "PNG"),
    "noending": lambda: encoded(OTHER, "JPEG"),
    "UPPER.JPG": lambda: encoded(OTHER.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "JPEG"),
}


@pytest.fixture
def mess(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    pupils(folder, people=3, pictures=2)
    person = folder / "p07"
    person.mkdir()
    for name, (make, _) in BAD.items():
        (person / name).write_bytes(make())
    for name, make in GOOD.items():
        (person / name).write_bytes(make())
    with open(os.fsencode(person) + b"/caf\xe9.jpg", "wb") as file:  # a name from an old Windows disk
        file.write(encoded(FACE, "JPEG", quality=80))
    (person / "album.jpg").mkdir()
    (person / "round.jpg").symlink_to("round.jpg")
    (person / "gone.jpg").symlink_to("gone")
    os.mkfifo(person / "pipe.jpg")
    shutil.copy(person / "grey.png", person / "grey copy.png")
    (folder / "alone").mkdir()
    shutil.copy(PUPILS / "p08" / "enrol_1.jpg", folder / "alone")
    (folder / "nobody").mkdir()
    (folder / "itself").symlink_to(".")
    shutil.copy(PUPILS / "p08" / "enrol_2.jpg", folder / "stray.jpg")
    return folder


def test_every_file_is_used_or_named_and_the_figures_come(mess: Path, tmp_path: Path) -> None:
    shown = run(mess, "--json", str(tmp_path / "all.json"), "--html", str(tmp_path / "all.html"))
    found = json.loads((tmp_path / "all.json").read_bytes())
    counts = found["acquisition"]
    named = {problem["file"]: problem["reason"] for problem in counts["problems"]}
    assert named == {f"p07/{name}": reason for name, (_, reason) in BAD.items()} | {
        "p07/album.jpg": Problem.FOLDER,
        "p07/round.jpg": Problem.UNREADABLE,
        "p07/gone.jpg": Problem.UNREADABLE,
        "p07/pipe.jpg": Problem.UNREADABLE,
        "p07/grey.png": Problem.DUPLICATE,
        "itself": Problem.LINK_BACK,
        "stray.jpg": Problem.OUTSIDE,
    }
    assert sum(counts["by_reason"].values()) == len(named)
    assert counts["failed_to_acquire"] == 1
    assert counts["skipped"] == len(named) - 1
    assert counts["acquired"] == 3 * 2 + len(GOOD) + 1 + 1  # the one with the old name, and the one alone
    assert counts["acquired"] + len(named) == counts["files"]
    assert counts["people_with_one_picture"] == 1
    assert counts["people_without_files"] == ["nobody"]
    assert found["identification"][0]["gallery"] == 3
    page = (tmp_path / "all.html").read_text("utf-8")
    for text in (shown, page):
        assert "\x1b" not in text
        assert "line\\nbreak" in text


def test_the_same_file_in_two_peoples_folders_is_no_false_match(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    pupils(folder, people=3, pictures=3)
    first, second, _ = sorted(folder.iterdir())
    shutil.copy(first / "gate_1.jpg", second / "mistake.jpg")
    run(folder, "--json", str(tmp_path / "all.json"))
    counts = json.loads((tmp_path / "all.json").read_bytes())["acquisition"]
    assert {problem["file"]: problem["reason"] for problem in counts["problems"]} == {
        f"{first.name}/gate_1.jpg": Problem.SHARED,
        f"{second.name}/mistake.jpg": Problem.SHARED,
    }
    assert counts["acquired"] == 8


def test_everybody_with_one_picture_is_an_error_that_says_what_is_missing(tmp_path: Path) -> None:
    pupils(tmp_path, people=3, pictures=1)
    assert "Give more people more pictures" in failed(tmp_path, installed_store().folder)


@pytest.mark.parametrize("wrong", ["one byte", "another model", "missing"])
def test_wrong_weights_are_named_and_never_run(tmp_path: Path, wrong: str) -> None:
    models, pictures = tmp_path / "models", tmp_path / "pictures"
    pictures.mkdir()
    pupils(pictures, people=2, pictures=2)
    shutil.copytree(installed_store().folder, models)
    sface = models / CATALOGUE[ModelName.SFACE].file
    if wrong == "one byte":
        data = bytearray(sface.read_bytes())
        data[len(data) // 2] ^= 1
        sface.write_bytes(data)
    elif wrong == "another model":
        shutil.copy(models / CATALOGUE[ModelName.DLIB].file, sface)
    else:
        sface.unlink()
    told = failed(pictures, models)
    assert "sface" in told
    assert "qaqpa-gate models install" in told


def failed(folder: Path, models: Path) -> str:
    """What the command says when it cannot measure."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"QAQPA_MODELS": str(models), "COLUMNS": "160"},
    )
    assert done.returncode != 0
    return done.stderr
