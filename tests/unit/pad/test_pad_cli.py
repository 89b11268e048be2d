import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from tests.pad.attacks import Instrument, attack_sequence
from tests.pad.material import PUPILS, pupils_shown
from tests.pad.models import filled_store
from turnstile.commands.evaluate_pad import evaluate_pad

APP = typer.Typer(pretty_exceptions_enable=False)
APP.command()(evaluate_pad)
PEOPLE, FRAMES = 4, 12


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled_store(tmp_path_factory.mktemp("models")).folder


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("material")
    for pupil in sorted(PUPILS.glob("p*"))[:PEOPLE]:
        (folder / "live").mkdir(exist_ok=True)
        shutil.copy(pupil / "enrol_1.jpg", folder / "live" / f"{pupil.name}.jpg")
    shutil.copytree(PUPILS / "p02" / "approach", folder / "walks" / "p02")
    for seed, (name, picture, box) in enumerate(pupils_shown()[:PEOPLE]):
        for index, frame in enumerate(attack_sequence(picture, box, Instrument.PRINT_LARGE, seed, FRAMES)):
            (folder / "held" / name).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / "held" / name / f"{index:02d}.jpg"), frame)
    return folder


def run(models: Path, *arguments: object) -> Result:
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(APP, words, env={"QAQPA_MODELS": str(models), "COLUMNS": "160"})


def test_a_school_gets_all_figures_on_screen_as_json_and_as_a_page(
    models: Path, material: Path, tmp_path: Path
) -> None:
    figures, page = tmp_path / "pad.json", tmp_path / "pad.html"
    result = run(
        models, "--bona-fide", material / "live", "--attack", f"paper={material / 'held'}",
        "--json", figures, "--html", page,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    for figure in ("APCER paper", "BPCER", "ACER", "APCER is at most 5%", "APCER is at most 1%"):
        assert figure in result.output
    whole = json.loads(figures.read_text("utf-8"))
    assert whole["checks"] == ["minifasnet"]
    assert whole["attacks"]["paper"]["presentations"] == PEOPLE * FRAMES
    assert whole["bona_fide"]["presentations"] == PEOPLE
    assert 0 <= whole["bona_fide"]["bpcer"]["ci95"][0] <= whole["bona_fide"]["bpcer"]["value"] <= 1
    assert whole["bpcer_at_apcer"].keys() == {"0.05", "0.01"}
    assert whole["det"][0]["bpcer"] == 0.0
    text = page.read_text("utf-8")
    assert "<svg" in text
    assert "p01" not in text


def test_sequences_run_the_checks_that_need_motion_and_count_folders(
    models: Path, material: Path, tmp_path: Path
) -> None:
    figures = tmp_path / "pad.json"
    result = run(
        models, "--sequences", "--bona-fide", material / "walks", "--attack", f"paper={material / 'held'}",
        "--depth", "--json", figures,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    whole = json.loads(figures.read_text("utf-8"))
    assert whole["checks"] == ["minifasnet", "surroundings", "planarity"]
    assert whole["bona_fide"] == whole["bona_fide"] | {"presentations": 1, "no_face": 0}
    assert whole["bona_fide"]["bpcer"]["value"] == 0.0
    assert whole["attacks"]["paper"]["presentations"] == PEOPLE
    assert whole["attacks"]["paper"]["apcer"]["value"] == 0.0


def test_the_same_pictures_give_the_same_figures(models: Path, material: Path, tmp_path: Path) -> None:
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file in files:
        run(
            models, "--bona-fide", material / "live", "--attack", f"paper={material / 'held'}",
            "--json", file,
        )  # fmt: skip
    assert files[0].read_bytes() == files[1].read_bytes()


def test_bad_files_are_counted_and_a_wall_without_a_face_is_a_refusal(
    models: Path, material: Path, tmp_path: Path
) -> None:
    live = tmp_path / "live"
    shutil.copytree(material / "live", live)
    (live / "notes.txt").write_text("not a picture")
    (live / "broken.jpg").write_bytes((live / "p01.jpg").read_bytes()[:300])
    cv2.imwrite(str(live / "wall.png"), np.full((240, 320, 3), 200, np.uint8))
    figures = tmp_path / "pad.json"
    result = run(models, "--bona-fide", live, "--attack", f"paper={material / 'held'}", "--json", figures)
    assert result.exit_code == 0, result.output
    bona_fide = json.loads(figures.read_text("utf-8"))["bona_fide"]
    assert bona_fide["presentations"] == PEOPLE + 1
    assert bona_fide["no_face"] == 1
    assert bona_fide["bpcer"]["value"] >= 1 / (PEOPLE + 1)
    assert sum(bona_fide["skipped"].values()) == 2
    assert "passed over" in result.output


@pytest.mark.parametrize("attack", ["prints", "=folder", "paper=", "bona fide=x"])
def test_an_attack_without_name_or_folder_is_explained(models: Path, material: Path, attack: str) -> None:
    result = run(models, "--bona-fide", material / "live", "--attack", attack)
    assert "NAME=DIR" in str(result.exception)


def test_an_empty_folder_is_named(models: Path, material: Path, tmp_path: Path) -> None:
    result = run(models, "--bona-fide", material / "live", "--attack", f"paper={tmp_path / 'nothing'}")
    assert "no pictures" in str(result.exception)


def test_a_machine_without_the_networks_learns_where_they_come_from(material: Path, tmp_path: Path) -> None:
    live = material / "live"
    result = run(tmp_path, "--bona-fide", live, "--attack", f"paper={live}")
    assert result.exit_code == 1
    assert "docs/pad.md" in str(result.exception)


def test_a_report_that_cannot_be_written_is_said_before_the_work(models: Path, material: Path) -> None:
    live = material / "live"
    result = run(models, "--bona-fide", live, "--attack", f"paper={live}", "--json", "/nowhere/at/all.json")
    assert "no folder" in str(result.exception)
