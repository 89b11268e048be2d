"""The monthly report as CSV and as a page to print, in Kazakh, Russian and English."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html import escape

from sync.hub.daily import Presence
from sync.hub.report import Line, Report
from sync.hub.spreadsheet import table

_UNCERTAIN = "?"


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    months: tuple[str, ...]
    group: str
    who: str
    present: str
    school_days: str
    legend: str


_WORDS = {
    "kk": _Words(
        "Келу-кету есебі",
        (
            "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым",
            "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан",
        ),
        "Сынып",
        "Кім",
        "Келген күні",
        "Оқу күні",
        "Ұяшықта: алғашқы кіру және соңғы шығу уақыты. «?» – келген, уақыты нақты емес. Сұр – оқу күні емес.",
    ),
    "ru": _Words(
        "Учёт посещаемости",
        (
            "январь", "февраль", "март", "апрель", "май", "июнь",
            "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
        ),
        "Класс",
        "Кто",
        "Дней присутствия",
        "Учебных дней",
        "В ячейке: первый вход и последний выход. «?» – был, время неточно. Серый – неучебный день.",
    ),
    "en": _Words(
        "Attendance",
        (
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
        "Class",
        "Who",
        "Days present",
        "School days",
        "A cell has the first entry and the last exit. “?”: present, time not certain. Grey: no school day.",
    ),
}  # fmt: skip

_STYLE = """\
@page { size: A4 landscape; margin: 8mm }
body { font: 9pt sans-serif }
table { border-collapse: collapse; width: 100%; margin-bottom: 6mm }
th, td { border: 0.2mm solid #555; padding: 0.3mm 0.6mm; font-size: 6pt; text-align: center }
td.who { text-align: left; font-size: 8pt }
.off { background: #ddd; -webkit-print-color-adjust: exact; print-color-adjust: exact }
tr { break-inside: avoid }
thead { display: table-header-group }
h2 { break-after: avoid }
"""


def as_csv(report: Report, language: str, *, bom: bool) -> str:
    """A line for each person, a column for each day of the month."""
    words = _WORDS[language]
    columns = (
        words.group,
        words.who,
        words.present,
        words.school_days,
        *(d.isoformat() for d in report.dates),
    )
    rows = (
        (
            group,
            line.who,
            line.present,
            len(report.school_days),
            *(_cell(line, day, "-") for day in report.dates),
        )
        for group, lines in report.groups.items()
        for line in lines
    )
    return table(columns, rows, bom=bom)


def as_html(report: Report, school: str, language: str) -> str:
    """One file without script, picture or address of anything else; names are text and never markup."""
    return "\n".join(_page(report, school, language)) + "\n"


def _page(report: Report, school: str, language: str) -> Iterator[str]:
    words = _WORDS[language]
    title = f"{words.title}: {school}, {words.months[report.first.month - 1]} {report.first.year}"
    yield f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    yield f"<title>{escape(title)}</title>"
    yield f"<style>\n{_STYLE}</style></head><body>"
    yield f"<h1>{escape(title)}</h1>"
    yield f"<p>{words.school_days}: {len(report.school_days)}. {words.legend}</p>"
    for group, lines in report.groups.items():
        if group:
            yield f"<h2>{words.group}: {escape(group)}</h2>"
        yield "<table><thead><tr>" + f"<th>{words.who}</th><th>{words.present}</th>"
        yield "".join(_head(report, day) for day in report.dates) + "</tr></thead><tbody>"
        yield from (_row(report, line) for line in lines)
        yield "</tbody></table>"
    yield "</body></html>"


def _head(report: Report, day: date) -> str:
    return f"<th{_off(report, day)}>{day.day}</th>"


def _row(report: Report, line: Line) -> str:
    cells = (f"<td{_off(report, day)}>{_cell(line, day, '<br>')}</td>" for day in report.dates)
    return f'<tr><td class="who">{escape(line.who)}</td><td>{line.present}</td>{"".join(cells)}</tr>'


def _off(report: Report, day: date) -> str:
    return "" if day in report.school_days else ' class="off"'


def _cell(line: Line, day: date, between: str) -> str:
    seen = line.days.get(day)
    return "" if seen is None else _times(seen, between)


def _times(seen: Presence, between: str) -> str:
    if seen.first_in is None and seen.last_out is None:
        return _UNCERTAIN
    mark = "" if seen.time_certain else f" {_UNCERTAIN}"
    return f"{_clock(seen.first_in)}{between}{_clock(seen.last_out)}{mark}"


def _clock(moment: datetime | None) -> str:
    return "…" if moment is None else f"{moment:%H:%M}"


LANGUAGES = tuple(_WORDS)
