"""Everything about one person in one ZIP file: for programs as JSON, for people as a PDF."""

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

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
