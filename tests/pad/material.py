"""Writes the project's attack material as folders that the PAD evaluation takes.

    python -m tests.pad.material FOLDER

FOLDER/stills and FOLDER/sequences each get a folder `bona-fide` and one for every instrument.
"""

import argparse
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.vision.face import Face
from edge.vision.frame import Image
from tests.pad.attacks import Box, Instrument, attack_sequence

PUPILS = Path(__file__).resolve().parents[1] / "pupils"
_SHOWN = "enrol_1.jpg"
_WALK = "approach"


def pupils_shown() -> list[tuple[str, Image, Box]]:
    """Name, enrolment picture and true face box of every rendered pupil."""
    known = json.loads((PUPILS / "pupils.json").read_text("utf-8"))["pupils"]
    return [
        (pupil["id"], read(PUPILS / pupil["id"] / _SHOWN), _box(pupil["images"][_SHOWN]["face_box"]))
        for pupil in known
    ]


def walks() -> list[tuple[str, list[Image]]]:
    """The walks up to the gate: name and frames, ten a second."""
    return [
        (folder.parent.name, [read(path) for path in sorted(folder.glob("*.jpg"))])
        for folder in sorted(PUPILS.glob(f"*/{_WALK}"))
    ]


def carried_print(walk: Sequence[Image], faces: Sequence[Face], seed: int) -> Iterator[Image]:
    """The walk's last frame as a print that fills the view, its face where the pupil's was in each frame."""
    chance = np.random.default_rng(seed)
    height, width = walk[-1].shape[:2]
    for face in faces:
        matrix, _ = cv2.estimateAffinePartial2D(faces[-1].landmarks, face.landmarks, method=cv2.LMEDS)
        laid = cv2.warpAffine(
            walk[-1], matrix, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
        )
        noisy = laid + chance.normal(0, 2.0, laid.shape)
        yield np.asarray(np.clip(noisy, 0, 255), np.uint8)


def read(path: Path) -> Image:
    image = cv2.imread(str(path))
    assert image is not None, path
    return np.asarray(image, np.uint8)


def _box(values: Sequence[float]) -> Box:
    left, top, width, height = values
    return left, top, width, height


def write(folder: Path) -> None:
    """Make all material below `folder`; needs no model."""
    for path in sorted(PUPILS.glob("p*/*.jpg")):
        _copy(path, folder / "stills" / "bona-fide" / f"{path.parent.name}_{path.name}")
    for path in sorted(PUPILS.glob(f"p*/{_WALK}/*.jpg")):
        _copy(path, folder / "sequences" / "bona-fide" / path.parent.parent.name / path.name)
    for seed, (name, picture, box) in enumerate(pupils_shown()):
        for instrument in Instrument:
            for index, frame in enumerate(attack_sequence(picture, box, instrument, seed)):
                if index == 0:
                    _save(frame, folder / "stills" / instrument / f"{name}.jpg")
                _save(frame, folder / "sequences" / instrument / name / f"{index:02d}.jpg")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _save(frame: Image, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(target), frame, [cv2.IMWRITE_JPEG_QUALITY, 92])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the project's attack material.")
    parser.add_argument("folder", type=Path)
    write(parser.parse_args().folder)
