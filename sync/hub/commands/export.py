"""`qaqpa-hub export`, `report` and `audit`: attendance for other systems and on paper, and who took names."""

import json
from contextlib import closing
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from edge.config import load
from edge.domain.ids import ChildId
from edge.errors import ConfigError
from sync.files import replace
from sync.hub import audit as audit_log
from sync.hub import days, report_text
from sync.hub import export as exporting
from sync.hub import report as reporting
from sync.hub.commands.options import DEFAULT_CONFIG, Config
from sync.hub.daily import names as all_names
from sync.hub.daily import presences
from sync.hub.database import Database
from sync.hub.directory import read_key
from sync.hub.roster import Pupil, read_roster
from sync.hub.settings import HubSettings

_DATE = ["%Y-%m-%d"]
_LONGEST_DAYS = 400
Out = Annotated[Path | None, typer.Option(help="A file that only its owner may read; else standard output.")]
Names = Annotated[bool, typer.Option("--names", help="With names. Written to the hub's audit.")]
Bom = Annotated[bool, typer.Option("--bom", help="For Excel: begin CSV with a byte order mark.")]
Roster = Annotated[
    Path | None,
    typer.Option(help="CSV with student_number,class: numbers and classes. Written to the hub's audit."),
]


class Format(StrEnum):
    """Of an export."""

    CSV = "csv"
    ED_FI = "ed-fi"


class Paper(StrEnum):
    """Of a report."""

    HTML = "html"
    CSV = "csv"


class Language(StrEnum):
    """Of a report."""

    KK = "kk"
    RU = "ru"
    EN = "en"


def export(
    *,
    config: Config = DEFAULT_CONFIG,
    day: Annotated[
        datetime | None, typer.Option(formats=_DATE, callback=days.option, help="One day.")
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DATE, callback=days.option, help="The first day.")
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=_DATE, callback=days.option, help="The last day, included."),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="A table, or Ed-Fi's objects.")] = Format.CSV,
    out: Out = None,
    names: Names = False,
    roster: Roster = None,
    bom: Bom = False,
) -> None:
    """Daily attendance: of each person and day the first entry and the last exit."""
    settings = load(config, HubSettings)
    begin, end = _days(day, first, last)
    if format_ is Format.ED_FI and settings.ed_fi is None:
        raise ConfigError(
            "the section [ed_fi] is missing", "Add school_id and session_name: docs/integrations.md"
        )
    if format_ is Format.ED_FI and names:
        raise ConfigError("this object of Ed-Fi has no name", "Give student numbers instead: --roster FILE")
    with closing(Database(settings.database)) as database:
        found = presences(database, begin, end, ZoneInfo(settings.time_zone))
        pupils = _pupils(settings, roster)
        _note(database, f"export {format_.value} {begin} to {end}", names, pupils)
        if format_ is Format.CSV or settings.ed_fi is None:
            known = all_names(database) if names else None
            text = exporting.as_csv(found, known, pupils, bom=bom)
        else:
            objects = exporting.as_ed_fi(found, settings.ed_fi, pupils)
            text = json.dumps(objects, ensure_ascii=False, indent=1) + "\n"
    _give(text, out)


def report(
    *,
    month: Annotated[
        datetime, typer.Option(formats=["%Y-%m"], callback=days.option, help="For example 2026-10.")
    ],
    config: Config = DEFAULT_CONFIG,
    language: Annotated[Language, typer.Option(help="Of the headings.")] = Language.KK,
    format_: Annotated[Paper, typer.Option("--format", help="A page to print, or a table.")] = Paper.HTML,
    out: Out = None,
    names: Names = False,
    roster: Roster = None,
    bom: Bom = False,
) -> None:
    """The month by class and person: days present, first entry, last exit. HTML is a page to print."""
    settings, begin = load(config, HubSettings), month.date()
    dates = reporting.month_of(begin)
    with closing(Database(settings.database)) as database:
        found, people = (
            presences(database, dates[0], dates[-1], ZoneInfo(settings.time_zone)),
            all_names(database),
        )
        pupils = _pupils(settings, roster)
        _note(database, f"report {begin:%Y-%m}", names, pupils)
        known = people if names else None
        made = reporting.compile_report(begin, found, people, settings.calendar, names=known, roster=pupils)
    if format_ is Paper.CSV:
        _give(report_text.as_csv(made, language.value, bom=bom), out)
    else:
        _give(report_text.as_html(made, str(settings.school), language.value), out)


def audit(config: Config = DEFAULT_CONFIG) -> None:
    """Who took names or student numbers out of the hub, and when."""
    settings = load(config, HubSettings)
    with closing(Database(settings.database)) as database:
        notes = audit_log.notes(database)
    for each in notes:
        moment = each.at.astimezone(ZoneInfo(settings.time_zone)).isoformat(timespec="seconds")
        typer.echo(f"{moment} {each.account} {each.action}")
    if not notes:
        typer.echo("nobody took names")


def _days(day: datetime | None, first: datetime | None, last: datetime | None) -> tuple[date, date]:
    if day is not None and first is None and last is None:
        return day.date(), day.date()
    if day is not None or first is None or last is None:
        raise ConfigError("which days is not clear", "Give --day, or --from and --to")
    begin, end = first.date(), last.date()
    if not 0 <= (end - begin).days < _LONGEST_DAYS:
        raise ConfigError(
            "these days are none or too many", f"--to follows --from, at most {_LONGEST_DAYS} days"
        )
    return begin, end


def _pupils(settings: HubSettings, roster: Path | None) -> dict[ChildId, Pupil] | None:
    return None if roster is None else read_roster(roster, read_key(settings.pseudonym_key))


def _note(database: Database, action: str, names: bool, pupils: object) -> None:
    what = [word for word, given in (("names", names), ("student numbers", pupils is not None)) if given]
    if what:
        audit_log.note(database, f"{action}: {' and '.join(what)}", datetime.now(UTC))


def _give(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    replace(out, text.encode(), 0o600)
    typer.echo(f"written: {out}", err=True)
