"""`qaqpa-hub quarantine`: what the hub refused, why and how often."""

import json
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.config import load
from sync.hub.commands.options import DEFAULT_CONFIG, Config
from sync.hub.database import Database
from sync.hub.lockout import Lockout
from sync.hub.quarantine import Kept, Quarantine
from sync.hub.settings import HubSettings

_console = Console(highlight=False)


def quarantine(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object a line.")] = False,
    payload: Annotated[
        bool, typer.Option("--payload", help="As --json, with what came, cut short: it may hold anything.")
    ] = False,
    let_in: Annotated[
        str | None,
        typer.Option(
            metavar="OUTBOX",
            help="Take events of this outbox again, whose device was revoked; its id or how that begins.",
        ),
    ] = None,
) -> None:
    """Messages that the hub refused: each different one with its reason, how often and when it came."""
    settings = load(config, HubSettings)
    with closing(Database(settings.database)) as database:
        if let_in is not None:
            outbox = Lockout(database).let_in(let_in, datetime.now(UTC))
            typer.echo(f"let in: outbox {outbox}; it stays out as long as the name of its gate is revoked")
            return
        kept = Quarantine(database).kept()
    if as_json or payload:
        for each in kept:
            typer.echo(json.dumps(_values(each, payload=payload)))
    elif kept:
        _console.print(_table(kept, ZoneInfo(settings.time_zone)))
    else:
        typer.echo("nothing was put aside")


def _values(each: Kept, *, payload: bool) -> dict[str, Any]:
    values = {
        "topic": each.topic,
        "reason": each.problem,
        "times": each.times,
        "first": each.first.astimezone(UTC).isoformat(timespec="seconds"),
        "last": each.last.astimezone(UTC).isoformat(timespec="seconds"),
        "size": each.size,
        "outbox": None if each.outbox is None else str(each.outbox),
    }
    # JSON escapes what a terminal would take for a command.
    return {**values, "payload": each.payload.decode("utf-8", "backslashreplace")} if payload else values


def _table(kept: list[Kept], zone: ZoneInfo) -> Table:
    table = Table("topic", "reason", "times", "first", "last", "bytes", "outbox")
    for each in kept:
        first, last = (f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (each.first, each.last))
        cells = (each.topic, each.problem, str(each.times), first, last, str(each.size))
        outbox = "" if each.outbox is None else str(each.outbox)[:8]
        table.add_row(*map(Text, (*cells, outbox)))  # as they are: a stranger chose some of these letters
    return table
