"""Writes the project's attack material as folders that the PAD evaluation takes.

    python -m tests.pad.material FOLDER

FOLDER/stills and FOLDER/sequences each get a folder `bona-fide` and one for every instrument; what walks up
is there as a sequence only.
"""

import argparse
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.vision.frame import Image
from tests.pad.attacks import Instrument, attack_sequence
from tests.pad.scene import Box
from tests.pad.walked import Step, Walked, carried_sequence, cut_out_sequence, mask_sequence, replay_sequence

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
    names = [folder.parent.name for folder in sorted(PUPILS.glob(f"*/{_WALK}"))]
    return [(name, walk(name)) for name in names]


def walk(name: str) -> list[Image]:
    """The frames of one pupil's walk."""
    return [read(path) for path in sorted((PUPILS / name / _WALK).glob("*.jpg"))]


def steps(name: str) -> list[Step]:
    """The same with the truth about the pupil's head."""
    known = json.loads((PUPILS / "pupils.json").read_text("utf-8"))["pupils"]
    truths = next(pupil["approach"]["frames"] for pupil in known if pupil["id"] == name)
    return [
        Step(frame, _box(truth["face_box"]), truth["distance_m"], truth["yaw"], truth["pitch"], truth["roll"])
        for frame, (_, truth) in zip(walk(name), sorted(truths.items()), strict=True)
    ]


def walked_attacks(number: int) -> dict[Walked, Iterator[Image]]:
    """The attacks that walk up with the face of one pupil; the next pupil wears the mask of it."""
    shown = pupils_shown()
    name, picture, box = shown[number]
    wearer, _, _ = shown[(number + 1) % len(shown)]
    path, worn = steps(name), steps(wearer)
    return {
        Walked.PRINT_WALKED: carried_sequence(path, number),
        Walked.PRINT_CUT_OUT: cut_out_sequence(picture, box, path, number),
        Walked.MASK_FLAT: mask_sequence(picture, box, worn, number, bent=False),
        Walked.MASK_BENT: mask_sequence(picture, box, worn, number, bent=True),
        Walked.SCREEN_REPLAY: replay_sequence(path, number),
    }


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
        for walked, frames in walked_attacks(seed).items():
            for index, frame in enumerate(frames):
                _save(frame, folder / "sequences" / walked / name / f"{index:02d}.jpg")


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
