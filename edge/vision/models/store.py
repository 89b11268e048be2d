"""The folder that holds the models: a file counts only if it has exactly the catalogue's bytes."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from edge.errors import ModelError
from edge.vision.models.catalogue import Model

SYSTEM_FOLDER = Path("/var/lib/qaqpa/models")
VARIABLE = "QAQPA_MODELS"
_INSTALL = "Run: qaqpa-gate models install"


class State(StrEnum):
    """What the store holds of a model."""

    INSTALLED = "installed"
    MISSING = "missing"
    DAMAGED = "damaged"


def models_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`$QAQPA_MODELS`, else the system's folder if it exists, else one in the home folder."""
    if named := environment.get(VARIABLE):
        return Path(named).expanduser().absolute()
    if SYSTEM_FOLDER.is_dir():
        return SYSTEM_FOLDER
    return Path("~/.local/share/qaqpa/models").expanduser()


@dataclass(frozen=True, slots=True)
class Store:
    """Reads and writes the models in one folder."""

    folder: Path

    def path(self, model: Model) -> Path:
        """Where the model lies, whether or not it is there."""
        return self.folder / model.file

    def card(self, model: Model) -> Path:
        """Where the model's description for people lies."""
        return self.folder / f"{model.name}.md"

    def state(self, model: Model) -> State:
        """Look at the bytes, not at the name. Raises ModelError if the file cannot be read."""
        data = self._read(model)
        if data is None:
            return State.MISSING
        return State.INSTALLED if _matches(model, data) else State.DAMAGED

    def load(self, model: Model) -> bytes:
        """The model's bytes, hashed after reading: nothing can change them in between. Raises ModelError."""
        data = self._read(model)
        if data is None:
            raise ModelError(f"the model {model.name} is not in {self.folder}", _INSTALL)
        if not _matches(model, data):
            raise ModelError(f"{self.path(model)} is damaged or was changed; it was not loaded", _INSTALL)
        return data

    def put(self, model: Model, data: bytes) -> None:
        """Store the bytes if they are the catalogue's. Raises ModelError, and OSError as the disk does."""
        if not _matches(model, data):
            raise ModelError(f"these are not the bytes of the model {model.name}", _INSTALL)
        write_durably(self.path(model), data)

    def _read(self, model: Model) -> bytes | None:
        try:
            with self.path(model).open("rb") as file:
                return file.read(model.size + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ModelError(
                f"cannot read {self.path(model)}: {error.strerror}", "Check the folder and its rights"
            ) from error


def _matches(model: Model, data: bytes) -> bool:
    return len(data) == model.size and hashlib.sha256(data).hexdigest() == model.sha256


def write_durably(path: Path, data: bytes) -> None:
    """Replace the file whole or not at all, also when the power fails. One writer; raises OSError."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            # Models are public; the gate's own user must be able to read what root installed.
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
