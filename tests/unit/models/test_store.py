import dataclasses
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.errors import ModelError
from edge.vision.models.catalogue import CATALOGUE, ModelName, Wheel
from edge.vision.models.store import SYSTEM_FOLDER, State, Store, models_folder
from tests.unit.models.small import SHIPPED, small_model

MODEL = small_model(Wheel("small-models", "1.0", "0" * 64))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    made.put(MODEL, SHIPPED)
    return made


def test_an_installed_model_is_given_out_unchanged(store: Store) -> None:
    assert store.load(MODEL) == SHIPPED
    assert store.state(MODEL) is State.INSTALLED


@given(byte=st.integers(0, len(SHIPPED) - 1), bit=st.integers(0, 7))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_model_with_any_one_bit_changed_is_never_loaded(store: Store, byte: int, bit: int) -> None:
    changed = bytearray(SHIPPED)
    changed[byte] ^= 1 << bit
    store.path(MODEL).write_bytes(changed)
    with pytest.raises(ModelError, match="qaqpa-gate models install"):
        store.load(MODEL)
    assert store.state(MODEL) is State.DAMAGED


@pytest.mark.parametrize("data", [b"", SHIPPED[:-1], SHIPPED + b"\0"])
def test_a_cut_or_extended_model_is_never_loaded(store: Store, data: bytes) -> None:
    store.path(MODEL).write_bytes(data)
    with pytest.raises(ModelError, match="not loaded"):
        store.load(MODEL)


def test_a_technician_learns_how_to_get_a_missing_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="qaqpa-gate models install"):
        Store(tmp_path).load(MODEL)


def test_a_model_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / MODEL.file).mkdir()
    with pytest.raises(ModelError, match=MODEL.file):
        Store(tmp_path).load(MODEL)


def test_bytes_that_are_not_the_model_are_never_stored(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not the bytes"):
        Store(tmp_path).put(MODEL, SHIPPED.upper())
    assert list(tmp_path.iterdir()) == []


def test_what_root_installs_under_a_strict_umask_the_gates_own_user_can_read(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        Store(tmp_path).put(MODEL, SHIPPED)
    finally:
        os.umask(before)
    assert (tmp_path / MODEL.file).stat().st_mode & 0o777 == 0o644


def test_models_are_where_the_technician_said(tmp_path: Path) -> None:
    assert models_folder({"QAQPA_MODELS": str(tmp_path)}) == tmp_path


@pytest.mark.skipif(SYSTEM_FOLDER.is_dir(), reason="this machine has the system's models folder")
def test_without_the_systems_folder_models_are_in_the_home_folder() -> None:
    assert models_folder({}) == Path.home() / ".local/share/qaqpa/models"


def test_no_model_can_be_swapped_in_the_catalogue_at_run_time() -> None:
    with pytest.raises(TypeError):
        CATALOGUE[ModelName.SFACE] = MODEL  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        CATALOGUE[ModelName.SFACE].sha256 = "0" * 64  # type: ignore[misc]
