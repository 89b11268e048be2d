import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import ModelError
from edge.evaluation.acquisition import Acquisition, acquire
from edge.evaluation.evaluate import evaluate
from edge.evaluation.folder import list_folder
from edge.evaluation.pictures import Problem
from edge.evaluation.record import acquisition_record, models
from edge.vision.engine_choice import DEFAULTS, EngineName
from edge.vision.models.store import Store
from tests.unit.evaluation.made import drawing, encoded
from tests.unit.models.installed import installed_store

PUPILS = Path(__file__).parents[2] / "pupils"


def pupils(folder: Path, people: int, pictures: int) -> Path:
    if not (PUPILS / "p01" / "enrol_1.jpg").is_file():
        pytest.skip("the rendered pupils are not here")
    for number in range(1, people + 1):
        (folder / f"Оқушы {number:02}").mkdir()
        for shot in range(1, pictures + 1):
            name = f"gate_{shot}.jpg"
            shutil.copy(PUPILS / f"p{number:02}" / name, folder / f"Оқушы {number:02}" / name)
    return folder


def acquired(folder: Path, workers: int = 1) -> Acquisition:
    done: list[int] = []
    listing = list_folder(folder)
    result = acquire(listing, [EngineName.SFACE], installed_store(), workers, done.append)
    assert done == list(range(1, len(listing.entries) + 1))
    return result


def test_every_bad_file_is_named_with_its_reason_and_the_good_ones_are_used(tmp_path: Path) -> None:
    folder = pupils(tmp_path, people=2, pictures=1)
    good = (folder / "Оқушы 01" / "gate_1.jpg").read_bytes()
    film = encoded(drawing(), "GIF", save_all=True, append_images=[drawing().rotate(9)])
    bad = {
        "cut.jpg": (good[: len(good) // 2], Problem.DAMAGED),
        "film.gif": (film, Problem.ANIMATED),
        "nobody.png": (encoded(drawing(), "PNG"), Problem.NO_FACE),
        "pixel.png": (encoded(drawing(1, 1), "PNG"), Problem.TOO_SMALL),
        "text.jpg": (b"hello", Problem.NOT_A_PICTURE),
    }
    for name, (data, _) in bad.items():
        (folder / "Оқушы 02" / name).write_bytes(data)
    (folder / "Оқушы 01" / "same.jpg").write_bytes(good)
    result = acquired(folder)
    assert [sample.entry.name for sample in result.samples] == ["Оқушы 01/gate_1.jpg", "Оқушы 02/gate_1.jpg"]
    expected = {"Оқушы 01/same.jpg": Problem.DUPLICATE} | {
        f"Оқушы 02/{name}": reason for name, (_, reason) in bad.items()
    }
    assert {entry.name: problem for entry, problem in result.problems} == expected
    counts = acquisition_record(result)
    assert (counts["files"], counts["skipped"]) == (8, 5)
    assert (counts["pictures"], counts["failed_to_acquire"]) == (3, 1)
    assert counts["fta"] == pytest.approx(1 / 3)
    assert counts["by_person"] == {"Оқушы 02": 1}


def test_the_largest_face_is_the_one_that_counts(tmp_path: Path) -> None:
    folder = pupils(tmp_path, people=2, pictures=1)
    near = cv2.imread(str(PUPILS / "p01" / "gate_1.jpg"))
    far = cv2.imread(str(PUPILS / "p02" / "gate_1.jpg"))
    assert near is not None
    assert far is not None
    small = cv2.resize(far, None, fx=0.5, fy=0.5)
    both = np.full((near.shape[0], near.shape[1] + small.shape[1], 3), 127, np.uint8)
    both[:, : near.shape[1]] = near
    both[: small.shape[0], near.shape[1] :] = small
    (folder / "Оқушы 01" / "two.png").write_bytes(cv2.imencode(".png", both)[1].tobytes())
    first, second, other = (sample.vectors[EngineName.SFACE].probe for sample in acquired(folder).samples)
    assert first @ second > 0.9 > first @ other


def test_the_fused_engine_is_measured_like_any_other_and_names_both_networks(tmp_path: Path) -> None:
    listing = list_folder(pupils(tmp_path, people=2, pictures=2))
    found = acquire(listing, [EngineName.FUSED], installed_store(), 1, lambda done: None)
    assert {sample.vectors[EngineName.FUSED].probe.shape for sample in found.samples} == {(256,)}
    result = evaluate(found, DEFAULTS, enrol=1, seed=0, groups={}, progress=lambda share: None)
    assert [row.engine for row in result.verification] == ["sface+dlib"]
    assert set(models(result)) == {"yunet", "sface", "dlib"}


def test_a_missing_model_is_said_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.jpg").touch()
    with pytest.raises(ModelError, match="qaqpa-gate models install"):
        acquire(list_folder(tmp_path), [EngineName.SFACE], Store(tmp_path), 1, lambda done: None)


def test_vectors_are_not_shown_by_a_careless_print(tmp_path: Path) -> None:
    shown = repr(acquired(pupils(tmp_path, people=1, pictures=1)).samples[0])
    assert "array" not in shown
    assert "vectors=" not in shown
