"""CSV that a spreadsheet shows as text, whatever a name begins with."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What begins a formula: https://owasp.org/www-community/attacks/CSV_Injection"""
_BOM = "\ufeff"


def safe(text: str) -> str:
    """With an apostrophe in front where a spreadsheet would calculate instead of show."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, bom: bool = False) -> str:
    """RFC 4180, UTF-8; with `bom`, Excel too takes it for UTF-8. Texts are made safe, numbers stay."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])
    return (_BOM if bom else "") + out.getvalue()
