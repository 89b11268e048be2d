"""One person's record as a PDF that a parent can read."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from html import escape
from io import BytesIO
from typing import Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from enrollment import record_words as words
from enrollment.audit_words import told
from enrollment.pass_sheet import FONT, load_font
from enrollment.record import Plain
from enrollment.settings import KioskSettings, Language

_MARGIN: Final = 18 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
_LABEL: Final = 45 * mm
_ROOM: Final = 35 * mm
"""A heading with less room than this below it goes to the next page."""
_GREY: Final = HexColor("#555555")
_LINE: Final = HexColor("#cccccc")
_TEXT = ParagraphStyle("text", fontName=FONT, fontSize=9, leading=12, splitLongWords=True)
_SMALL = ParagraphStyle("small", _TEXT, textColor=_GREY)
_TITLE = ParagraphStyle("title", _TEXT, fontSize=16, leading=20, spaceAfter=2 * mm)
_HEAD = ParagraphStyle("head", _TEXT, fontSize=12, leading=15, spaceBefore=5 * mm, spaceAfter=1.5 * mm)
_LISTS: Final = frozenset(
    {"credentials", "templates", "acts", "passages", "objections", "restrictions", "disclosures"}
)
"""Sections of short entries: a row each, under one heading of columns."""
_THEIR_WORDS: Final = frozenset({"full_name", "person", "guardian", "group", "said", "answered"})


def record_sheet(record: Plain, settings: KioskSettings, language: Language) -> bytes:
    """The PDF. Raises ConfigError if there is no font with Kazakh letters."""
    load_font(settings.passes.font)
    place, whole = words.ORDER.index(language), BytesIO()
    title = words.TITLE[place]
    document = SimpleDocTemplate(
        whole,
        pagesize=A4,
        title=title,
        author=settings.operator.name,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
    )
    operator = record["operator"]
    parts: list[Flowable] = [
        Paragraph(escape(title), _TITLE),
        Paragraph(escape(f"{operator['name']}, {operator['bin']} · {_when(record['made_at'])}"), _SMALL),
        Spacer(0, 3 * mm),
        Paragraph(escape(words.INTRO[place]), _TEXT),
        Spacer(0, 2 * mm),
        Paragraph(escape(words.RIGHTS[place]), _TEXT),
    ]
    for section in words.SECTIONS:
        parts += _section(section, record[section], language)
    hub = words.HUB[place].format(pseudonym=record["person"]["pseudonym"])
    parts += [Spacer(0, 3 * mm), Paragraph(escape(hub), _TEXT)]

    def number(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setFont(FONT, 8)
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, words.PAGE[place].format(document.page))

    document.build(parts, onFirstPage=number, onLaterPages=number)
    return whole.getvalue()


def _section(name: str, held: Plain | list[Plain] | None, language: Language) -> Iterator[Flowable]:
    place = words.ORDER.index(language)
    yield CondPageBreak(_ROOM)
    yield Paragraph(escape(words.SECTIONS[name][place]), _HEAD)
    entries = [held] if isinstance(held, dict) else held
    if entries and name == "acts":
        entries = [{"at": each["at"], "what": told(each, language)} for each in entries]
    if not entries:
        none = words.NOT_HERE if entries is None else words.NOTHING
        yield Paragraph(escape(none[place]), _SMALL)
    elif name in _LISTS:
        yield _rows(entries, language)
    else:
        for entry in entries:
            yield _block(entry, language)
            yield Spacer(0, 3 * mm)


def _rows(entries: list[Plain], language: Language) -> Table:
    """One row an entry; columns that are empty in all of them are left out."""
    keys = [key for key in entries[0] if any(entry[key] not in (None, "") for entry in entries)]
    cells = [[Paragraph(escape(words.label(key, language)), _SMALL) for key in keys]]
    cells += [
        [Paragraph(escape(_text(entry[key], key, language)), _TEXT) for key in keys] for entry in entries
    ]
    return _table(cells, [_WIDTH / len(keys)] * len(keys), repeat=1)


def _block(entry: Plain, language: Language) -> Table:
    """One row a field; empty ones are left out."""
    cells = [
        [
            Paragraph(escape(words.label(key, language)), _SMALL),
            Paragraph(escape(_text(value, key, language)), _TEXT),
        ]
        for key, value in entry.items()
        if value not in (None, "")
    ]
    return _table(cells, [_LABEL, _WIDTH - _LABEL])


def _table(cells: list[list[Paragraph]], widths: list[float], repeat: int = 0) -> Table:
    table = Table(cells, widths, repeatRows=repeat, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.3, _LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 1.2 * mm),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.2 * mm),
            ]
        )
    )
    return table


def _text(value: object, key: str, language: Language) -> str:
    """A value as people read it. What people wrote themselves is never translated."""
    if isinstance(value, bool):
        return words.said("yes" if value else "no", language)
    if isinstance(value, list) and value:
        return ", ".join(words.said(each, language, key) for each in value)
    if not value:
        return words.NOTHING[words.ORDER.index(language)]
    return _written(str(value), key, language)


def _written(text: str, key: str, language: Language) -> str:
    if key in {"due", "expires_at"}:
        return _until(text)
    if key in {"born", "at"} or key.endswith("_at"):
        return _when(text)
    return text if key in _THEIR_WORDS else words.said(text, language, key)


def _when(text: str) -> str:
    """A moment; one that was told as a day has no hour."""
    moment = datetime.fromisoformat(text)
    return f"{moment:%d.%m.%Y}" if moment.time() == time() else f"{moment:%d.%m.%Y %H:%M}"


def _until(text: str) -> str:
    """The end of something; a midnight is the end of the day before."""
    end = datetime.fromisoformat(text)
    return f"{end - timedelta(days=1):%d.%m.%Y}" if end.time() == time() else _when(text)
