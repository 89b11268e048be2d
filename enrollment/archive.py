"""Everything about one person in one ZIP file: for programs as JSON, for people as a PDF."""

import json
import os
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from edge.errors import ConfigError
from enrollment.record import Plain
from enrollment.record_sheet import record_sheet
from enrollment.settings import KioskSettings, Language

JSON_NAME = "record.json"
PDF_NAME = "record.pdf"


def archive_of(record: Plain, settings: KioskSettings, language: Language) -> bytes:
    """The ZIP file's content. Raises ConfigError if there is no font with Kazakh letters."""
    whole = BytesIO()
    with ZipFile(whole, "w", ZIP_DEFLATED) as file:
        file.writestr(JSON_NAME, json.dumps(record, ensure_ascii=False, indent=2))
        file.writestr(PDF_NAME, record_sheet(record, settings, language))
    return whole.getvalue()


def write_new(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all. Raises ConfigError if it exists."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(f"{path} exists already", "Name another file; none is overwritten") from None
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror}", "Name a file in a folder of yours"
        ) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink()
        raise ConfigError(f"cannot write {path}: {error.strerror}", "Free space on its disk") from None
