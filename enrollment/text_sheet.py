"""Plain text as a PDF: a page for each text, more where it is long."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from enrollment.pass_sheet import FONT, load_font
from enrollment.settings import KioskSettings

_MARGIN: Final = 20 * mm
_SIZE: Final = 10.5
_TITLE_SIZE: Final = 14.0
_LEADING: Final = 1.45


def text_sheet(title: str, texts: Sequence[str], settings: KioskSettings) -> bytes:
    """The PDF's content; the first line of each text is its heading. Raises ConfigError without a font."""
    load_font(settings.passes.font)
    content = BytesIO()
    canvas = Canvas(content, pagesize=A4)
    canvas.setTitle(title)
    for text in texts:
        _write(canvas, text)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


def _write(canvas: Canvas, text: str) -> None:
    height = A4[1] - _MARGIN
    for number, line in enumerate(text.splitlines()):
        size = _SIZE if number else _TITLE_SIZE
        for part in simpleSplit(line, FONT, size, A4[0] - 2 * _MARGIN) or [""]:
            if height < _MARGIN:
                canvas.showPage()
                height = A4[1] - _MARGIN
            canvas.setFont(FONT, size)
            canvas.drawString(_MARGIN, height - size, part)
            height -= size * _LEADING
