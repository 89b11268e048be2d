"""A paper as PDF: A4, with the school, the edition and the page below."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from enrollment.documents.pictures import picture
from enrollment.documents.template import Filled, Written
from enrollment.pass_sheet import FONT, load_font

BOLD: Final = "papers-bold"
MARGIN: Final = 20 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
_INK: Final = HexColor("#1f3b57")
_PALE: Final = HexColor("#e8eef4")
_SMALLEST: Final = 7.0
_SHRINK: Final = 0.96
_PADDING: Final = 6
"""Points that the library leaves empty on each side of a frame."""
_ROOM: Final = 13
"""Lines that must be left on a page for a heading, or it begins the next one with what follows."""


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands below each page; `page` takes the number and the count, `hash` is left out if empty."""

    school: str
    edition: str
    page: str
    draft: str
    hash: str = ""


def load_fonts(path: Path) -> None:
    """The school's font, and its bold sister where one lies beside it. Raises ConfigError."""
    load_font(path)
    try:
        bold = TTFont(BOLD, str(path.with_name(f"{path.stem}-Bold{path.suffix}")))
    except (TTFError, OSError):
        bold = TTFont(BOLD, str(path))
    pdfmetrics.registerFont(bold)


def pdf_of(written: Written, footer: Footer) -> bytes:
    """The same bytes for the same paper. A paper of one page has smaller letters where it must."""
    size = written.size
    while True:
        content, pages = _built(written, footer, size)
        if pages == 1 or not written.one_page or size * _SHRINK < _SMALLEST:
            return content
        size *= _SHRINK


def _built(written: Written, footer: Footer, size: float) -> tuple[bytes, int]:
    file = io.BytesIO()
    pages: list[int] = []
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN - _PADDING,
        rightMargin=MARGIN - _PADDING,
        topMargin=16 * mm,
        bottomMargin=24 * mm,
        title=written.title,
        author=footer.school,
        invariant=1,
    )
    document.build(list(_Styles(size).flowables(written, footer)), canvasmaker=_numbered(footer, pages))
    return file.getvalue(), pages[0]


class _Styles:
    """The parts of a paper at one size of letters."""

    def __init__(self, size: float) -> None:
        self._size = size
        self._body = ParagraphStyle(
            "body",
            fontName=FONT,
            bulletFontName=FONT,
            bulletFontSize=size,
            fontSize=size,
            leading=size * 1.35,
            spaceAfter=size * 0.4,
        )
        self._cell = ParagraphStyle(
            "cell", self._body, fontSize=size * 0.9, leading=size * 1.15, spaceAfter=0
        )
        self._head = ParagraphStyle("head", self._cell, fontName=BOLD)
        self._item = ParagraphStyle("item", self._body, leftIndent=size * 1.4, spaceAfter=size * 0.2)
        self._heading = ParagraphStyle(
            "heading",
            self._body,
            fontName=BOLD,
            fontSize=size * 1.15,
            leading=size * 1.45,
            textColor=_INK,
            spaceBefore=size * 0.8,
        )
        self._title = ParagraphStyle(
            "title",
            self._heading,
            fontSize=size * 1.6,
            leading=size * 1.95,
            spaceAfter=size * 0.8,
            spaceBefore=0,
        )
        self._draft = ParagraphStyle(
            "draft",
            self._body,
            fontName=BOLD,
            alignment=TA_CENTER,
            borderColor=_INK,
            borderWidth=0.8,
            borderPadding=size * 0.5,
            spaceAfter=size * 1.4,
            spaceBefore=size,
        )

    def flowables(self, written: Written, footer: Footer) -> Iterator[Flowable]:
        """Everything, in order."""
        yield Paragraph(escape(written.title), self._title)
        if written.draft:
            yield Paragraph(escape(footer.draft), self._draft)
        for block in written.blocks:
            yield from self._of(block)

    def _of(self, block: Filled) -> Iterator[Flowable]:
        if block.heading and not block.picture:
            yield CondPageBreak(self._size * _ROOM)
            yield Paragraph(escape(block.heading), self._heading)
        if block.picture:
            yield self._beside(block)
        elif block.text:
            if _leads(block) and not block.heading:
                yield CondPageBreak(self._size * _ROOM)
            yield Paragraph(escape(block.text), self._body)
        for each in block.items:
            yield Paragraph(escape(each), self._item, bulletText="•")
        for each in block.ticks:
            yield Paragraph(escape(each), self._item, bulletText="☐")
        if block.items or block.ticks:
            yield Spacer(1, self._size * 0.3)
        if block.rows:
            yield self._table(block)
        if block.fields:
            yield self._fields(block.fields)

    def _beside(self, block: Filled) -> Flowable:
        side = self._size * 6.2
        words: list[Flowable] = [Paragraph(escape(block.text), self._body)]
        if block.heading:
            words.insert(
                0, Paragraph(escape(block.heading), ParagraphStyle("h", self._heading, spaceBefore=0))
            )
        table = Table(
            [[picture(block.picture, side, BOLD), words]], colWidths=[side + 5 * mm, WIDTH - side - 5 * mm]
        )
        table.setStyle(
            TableStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (0, 0), 0)])
        )
        return KeepTogether([table])

    def _table(self, block: Filled) -> Flowable:
        rows = [[Paragraph(escape(cell), self._head) for cell in block.head]] if block.head else []
        rows += [[Paragraph(escape(cell), self._cell) for cell in row] for row in block.rows]
        columns = len(rows[0])
        shares = block.widths or (1,) * columns
        table = Table(
            rows,
            colWidths=[WIDTH * share / sum(shares) for share in shares],
            repeatRows=1 if block.head else 0,
            spaceAfter=self._size * 0.6,
            spaceBefore=self._size * 0.2,
        )
        style: list[Any] = [
            ("GRID", (0, 0), (-1, -1), 0.4, HexColor("#8a9aab")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
        if block.head:
            style.append(("BACKGROUND", (0, 0), (-1, 0), _PALE))
        table.setStyle(TableStyle(style))
        return table

    def _fields(self, labels: tuple[str, ...]) -> Flowable:
        table = Table(
            [[Paragraph(escape(label), self._body), ""] for label in labels],
            colWidths=[WIDTH * 0.46, WIDTH * 0.54],
            rowHeights=None,
            spaceBefore=self._size * 0.3,
            spaceAfter=self._size * 0.5,
        )
        table.setStyle(
            TableStyle(
                [
                    ("LINEBELOW", (1, 0), (1, -1), 0.5, _INK),
                    ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
                    ("LEFTPADDING", (0, 0), (0, -1), 0),
                    ("TOPPADDING", (0, 0), (-1, -1), self._size * 0.5),
                ]
            )
        )
        return KeepTogether([table, Spacer(1, self._size * 0.2)])


def _leads(block: Filled) -> bool:
    """Whether the text announces what follows, and must not stand at the foot of a page."""
    return bool(block.items or block.ticks or block.rows or block.fields)


def _numbered(footer: Footer, pages: list[int]) -> Callable[..., Canvas]:
    """A canvas that knows how many pages there are when it writes the footers."""

    class Numbered(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "initialFontName": FONT})
            self._states: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - the library's name
            self._states.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined] # as in the library's own recipe

        def save(self) -> None:
            pages[:] = [len(self._states)]
            for number, state in enumerate(self._states, start=1):
                self.__dict__.update(state)
                _foot(self, footer, number, len(self._states))
                super().showPage()
            super().save()

    return Numbered


def _foot(canvas: Canvas, footer: Footer, number: int, count: int) -> None:
    canvas.setFont(FONT, 7.5)
    canvas.setFillColor(_INK)
    canvas.setStrokeColor(_INK)
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, 18 * mm, A4[0] - MARGIN, 18 * mm)
    canvas.drawString(MARGIN, 14 * mm, _cut(footer.school, WIDTH * 0.62))
    canvas.drawRightString(A4[0] - MARGIN, 14 * mm, f"{footer.edition} · {footer.page.format(number, count)}")
    if footer.hash:
        canvas.drawString(MARGIN, 10 * mm, footer.hash)


def _cut(text: str, room: float) -> str:
    if pdfmetrics.stringWidth(text, FONT, 7.5) <= room:
        return text
    while pdfmetrics.stringWidth(text + "…", FONT, 7.5) > room:
        text = text[:-1]
    return text + "…"
