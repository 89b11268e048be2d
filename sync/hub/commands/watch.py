"""`qaqpa-hub status`, `gaps` and `tail`: what is there, what is missing, what happens now."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from edge.config import load
from sync.hub import sequence, store
from sync.hub.attendance import Sighting
from sync.hub.certificates import look as certificates_of
from sync.hub.commands.options import DEFAULT_CONFIG, Config
from sync.hub.database import Database
from sync.hub.follow import Follower
from sync.hub.quarantine import Quarantine
from sync.hub.sequence import Gap, gaps
from sync.hub.settings import HubSettings
from sync.process import EXIT_TERMINAL, stop_on_signal

AsJson = Annotated[bool, typer.Option("--json", help="For programs: one JSON object, or one a line.")]
_LOOK_SECONDS = 0.5
_DAY = timedelta(hours=24)
_ON_THEIR_WAY = timedelta(minutes=10)
"""What a broker dropped is sent again within a minute or so."""
_console = Console(highlight=False)


def status(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """How much is stored, waits and is missing, and certificates. Ends with 3 where a person must look."""
    settings, now = load(config, HubSettings), datetime.now(UTC)
    with closing(Database(settings.database)) as database:
        counts, missing = store.counts(database), gaps(database)
        refused = Quarantine(database).since(now - _DAY)
    values = {
        "events": counts.events,
        "notices_waiting": counts.notices_waiting,
        "quarantined": counts.quarantined,
        "quarantined_today": refused,
        "missing": sum(each.missing for each in missing),
        "missing_for_long": sum(each.missing for each in missing if _worries(each, now)),
    }
    certificates = certificates_of(settings, now)
    ends = {
        name: None if moment is None else moment.isoformat(timespec="seconds")
        for name, moment in (
            ("hub_certificate_ends", certificates.hub),
            ("broker_certificate_ends", certificates.broker),
        )
    }
    problems = _problems(values) + certificates.problems
    if as_json:
        typer.echo(json.dumps({**values, **ends, "problems": problems}))
    else:
        for name, value in {**values, **ends}.items():
            typer.echo(f"{name.replace('_', ' ')}: {'not seen' if value is None else value}")
        for problem in problems:
            typer.echo(f"problem: {problem}", err=True)
    if problems:
        raise typer.Exit(EXIT_TERMINAL)


def _problems(values: dict[str, int]) -> list[str]:
    found = []
    if values["missing_for_long"]:
        found.append(
            f"Events of the gates that never came: {values['missing_for_long']}. See qaqpa-hub gaps."
        )
    if values["quarantined_today"]:
        found.append(
            f"Different messages of the last 24 hours that were put aside: {values['quarantined_today']}. "
            "See qaqpa-hub quarantine."
        )
    return found


def _worries(each: Gap, now: datetime) -> bool:
    return each.accepted is None and now - each.since > _ON_THEIR_WAY


def show_gaps(
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
    accept: Annotated[
        str | None,
        typer.Option(metavar="GATE", help="You know why its events are lost: nobody is called again."),
    ] = None,
) -> None:
    """Which numbers of which gate never came. Ends with 3 if there are any that nobody accepted as lost."""
    settings = load(config, HubSettings)
    with closing(Database(settings.database)) as database:
        if accept is not None:
            number = sequence.accept(database, accept, datetime.now(UTC))
            typer.echo(f"accepted as lost: {number} events of {accept}", err=True)
        missing = gaps(database)
    if as_json:
        for each in missing:
            typer.echo(json.dumps(_gap(each)))
    elif missing:
        zone = ZoneInfo(settings.time_zone)
        table = Table("gate", "outbox", "numbers", "events", "since", "accepted as lost")
        for each in missing:
            since, accepted = (
                "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
                for moment in (each.since, each.accepted)
            )
            numbers = f"{each.first}" if each.missing == 1 else f"{each.first}-{each.last}"
            table.add_row(each.gate, str(each.outbox)[:8], numbers, str(each.missing), since, accepted)
        _console.print(table)
    else:
        typer.echo("nothing is missing")
    if any(each.accepted is None for each in missing):
        raise typer.Exit(EXIT_TERMINAL)


def _gap(each: Gap) -> dict[str, Any]:
    since, accepted = (
        None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")
        for moment in (each.since, each.accepted)
    )
    return {
        "gate": each.gate, "outbox": str(each.outbox), "first": each.first, "last": each.last, "since": since,
        "accepted": accepted,
    }  # fmt: skip


def tail(
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
    names: Annotated[bool, typer.Option("--names", help="Show names instead of pseudonyms.")] = False,
    lines: Annotated[int, typer.Option(min=0, max=1000, help="Begin with the last so many.")] = 10,
) -> None:
    """Follow events as the hub stores them, until stopped."""
    settings = load(config, HubSettings)
    zone, stop = ZoneInfo(settings.time_zone), stop_on_signal()
    with closing(Database(settings.database)) as database:
        follower = Follower(database, zone, lines)
        found = follower.first
        while True:
            for each in found:
                _print(each, names=names, as_json=as_json)
            if stop.wait(_LOOK_SECONDS):
                return
            found = follower.look()


def _print(each: Sighting, *, names: bool, as_json: bool) -> None:
    who = (each.display_name if names else None) or (str(each.child)[:8] if each.child else "-")
    if as_json:
        values = {
            "occurred": each.occurred.isoformat(timespec="seconds"), "time_certain": each.time_certain,
            "gate": each.gate, "direction": each.direction.value, "method": each.method.value,
            "kind": each.kind.value, "who": who,
        }  # fmt: skip
        typer.echo(json.dumps(values, ensure_ascii=False))
        return
    colour = {"passed": "green", "refused": "yellow", "alarm": "red bold"}.get(each.kind.value, "dim")
    mark = "" if each.time_certain else " ?"
    _console.print(
        f"{each.occurred:%H:%M:%S}{mark}  {each.gate}  {each.direction.value:3}  "
        f"[{colour}]{each.kind.value}[/]  {each.method.value}",
        who,
    )
