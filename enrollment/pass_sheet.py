"""Passes on paper: a PDF with nine to a page of A4, to be cut out and worn."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from edge.errors import ConfigError
from edge.vision.qr import QUIET_ZONE, draw_code
from enrollment.console import last_moment
from enrollment.credential_desk import PrintedPass
from enrollment.settings import KioskSettings, Language

COLUMNS: Final = 3
ROWS: Final = 3
WIDTH: Final = 62 * mm
HEIGHT: Final = 92 * mm
CODE: Final = 60 * mm
"""Side of the code with its quiet zone: as large as the card allows, so that it is read from further away."""
FONT = "pass"
_LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІіЁё"
_OVERLAP = 0.03
"""Modules overlap by this much, or printers leave hairlines of paper between them."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is printed beside the code; `until` takes a date."""

    visitor: str
    until: str
    how: str


WORDS: Final = {
    Language.KAZAKH: Words("Қонақ", "{} дейін жарамды", "Кодты камераға 20–30 см-ден көрсетіңіз"),
    Language.RUSSIAN: Words("Посетитель", "Действует до {}", "Покажите код камере с 20–30 см"),
    Language.ENGLISH: Words("Visitor", "Valid until {}", "Show the code to the camera from 20–30 cm"),
}


def write_sheet(passes: Sequence[PrintedPass], settings: KioskSettings, path: Path) -> int:
    """Write the PDF, readable by its owner only; returns its pages. Raises ConfigError."""
    load_font(settings.passes.font)
    try:
        path.touch(mode=0o600)
        canvas = Canvas(str(path), pagesize=A4)
        canvas.setTitle(settings.operator.name)
        for number, each in enumerate(passes):
            place = number % (COLUMNS * ROWS)
            if number and not place:
                canvas.showPage()
            _draw_card(canvas, each, settings, *_corner(place))
        canvas.save()
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror}", "Name a file in a folder of yours with --out"
        ) from None
    return -(-len(passes) // (COLUMNS * ROWS))


def load_font(path: Path) -> None:
    """Make the font known to the PDF library. Raises ConfigError if it cannot write Kazakh."""
    try:
        font = TTFont(FONT, str(path))
    except (TTFError, OSError):
        raise ConfigError(
            f"there is no TrueType font at {path}",
            "Install one: apt-get install fonts-dejavu-core; or name another as font in the section [passes]",
        ) from None
    if any(ord(letter) not in font.face.charToGlyph for letter in _LETTERS):
        raise ConfigError(
            f"{path.name} has no Kazakh letters", "Name another as font in the section [passes]"
        )
    pdfmetrics.registerFont(font)


def _corner(place: int) -> tuple[float, float]:
    """Lower left corner of a card, row by row from the top of the page, in points."""
    row, column = divmod(place, COLUMNS)
    left = (A4[0] - COLUMNS * WIDTH) / 2 + column * WIDTH
    return left, A4[1] - (A4[1] - ROWS * HEIGHT) / 2 - (row + 1) * HEIGHT


def _draw_card(
    canvas: Canvas, what: PrintedPass, settings: KioskSettings, left: float, bottom: float
) -> None:
    words = WORDS[settings.passes.language]
    canvas.setStrokeGray(0.7)
    canvas.setLineWidth(0.3)
    canvas.rect(left, bottom, WIDTH, HEIGHT)
    _draw_code(canvas, what.text, left + (WIDTH - CODE) / 2, bottom + HEIGHT - CODE - 1 * mm)
    lines = [
        (what.label, 15, 24.0),
        (what.group or words.visitor, 11, 18.5),
        (settings.operator.name, 8, 13.0),
        (words.until.format(last_moment(what.expires, settings)), 8, 9.0),
        (words.how, 7, 4.0),
    ]
    for text, size, height in lines:
        _write(canvas, text, size, left + WIDTH / 2, bottom + height * mm)


def _write(canvas: Canvas, text: str, size: float, middle: float, baseline: float) -> None:
    """Centred and, where it is too long for the card, smaller, at last cut."""
    room = WIDTH - 6 * mm
    while size > 6 and pdfmetrics.stringWidth(text, FONT, size) > room:
        size -= 0.5
    if pdfmetrics.stringWidth(text, FONT, size) > room:
        while pdfmetrics.stringWidth(text + "…", FONT, size) > room:
            text = text[:-1]
        text += "…"
    canvas.setFont(FONT, size)
    canvas.drawCentredString(middle, baseline, text)


def _draw_code(canvas: Canvas, text: str, left: float, bottom: float) -> None:
    code = draw_code(text)
    module = CODE / (len(code) + 2 * QUIET_ZONE)
    path = canvas.beginPath()
    for row, column in zip(*code.nonzero(), strict=True):
        path.rect(
            left + (QUIET_ZONE + int(column)) * module,
            bottom + CODE - (QUIET_ZONE + int(row) + 1) * module,
            module * (1 + _OVERLAP),
            module * (1 + _OVERLAP),
        )
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)
