"""`qaqpa-kiosk breach`: the clock of a breach, its notices, and what is done about a stolen device."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from edge.config import load
from edge.domain.consent import DataCategory
from edge.domain.ids import Slug
from edge.errors import ConfigError
from enrollment.breach_desk import Found, open_breach_desk
from enrollment.console import DEFAULT_CONFIG, Config, console, last_moment, moment_of, now, whole_table
from enrollment.opening import opened
from enrollment.settings import KioskSettings
from enrollment.stolen_device import respond

breach = typer.Typer(
    help="A breach of personal data: its clock of one working day, its notices, a stolen device.",
    no_args_is_help=True,
)
_DONE = {True: "[green]done[/]", False: "[red bold]FAILED[/]", None: "[yellow]to do[/]"}


@breach.command("open")
def open_(
    *,
    what: Annotated[str, typer.Option(help="What happened, as the notices will say it; no names.")],
    found_at: Annotated[str, typer.Option(help="When it was found, such as 2027-01-31T09:20.")],
    contact: Annotated[str, typer.Option(help="Phone or e-mail of whoever answers for personal data.")],
    measures: Annotated[str, typer.Option(help="What was done about it.")] = "",
    data: Annotated[
        list[DataCategory] | None, typer.Option(help="Data concerned; repeat. Without it all that is held.")
    ] = None,
    student: Annotated[
        list[str] | None, typer.Option(help="Somebody concerned; repeat. Without it everybody.")
    ] = None,
    group: Annotated[str | None, typer.Option(help="A class that is concerned, such as 5A.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for the notices.")] = Path(),
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Start the clock, and write the notices to the authority and to guardians in three languages."""
    if student and group is not None:
        raise ConfigError("students and a class are named", "Name one of them, or none for everybody")
    settings = load(config, KioskSettings)
    found = Found(what, moment_of(found_at, settings), frozenset(data or ()), measures, contact)
    with open_breach_desk(settings, now()) as desk:
        clock = desk.open(found, student or [], group, out, now())
    console.print(
        f"Breach {clock.breach.id}: {clock.breach.concerned} people concerned. Tell the authorised body by"
        f" [bold]{last_moment(clock.notify_by, settings)}[/]. Notices: breach-{clock.breach.id}-*",
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"When it was told: qaqpa-kiosk breach close {clock.breach.id} --told-at WHEN", highlight=False
    )


@breach.command("list")
def list_(config: Config = DEFAULT_CONFIG) -> None:
    """Every breach, and by when it had to be told."""
    settings = load(config, KioskSettings)
    zone = ZoneInfo(settings.time_zone)
    table = whole_table("number", "found", "people", "tell by", "state")
    with open_breach_desk(settings, now()) as desk:
        for each in desk.all(now()):
            late, told = each.late(now()), each.breach.told_at
            state = f"told {told.astimezone(zone):%d.%m.%Y %H:%M}" if told else "open"
            table.add_row(
                each.breach.id,
                f"{each.breach.found_at.astimezone(zone):%d.%m.%Y %H:%M}",
                str(each.breach.concerned),
                last_moment(each.notify_by, settings),
                f"[red bold]{state}, {'too late' if told else 'OVERDUE'}[/]" if late else state,
            )
    console.print(table)


@breach.command()
def close(
    number: Annotated[str, typer.Argument(help="The breach's number.")],
    *,
    told_at: Annotated[str, typer.Option(help="When the authorised body was told, as 2027-01-31T15:00.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """The authorised body was told, and guardians were: the clock stops. Told too late stays on record."""
    settings = load(config, KioskSettings)
    with open_breach_desk(settings, now()) as desk:
        clock = desk.close(number, moment_of(told_at, settings), now())
        late = clock.late(now())
    console.print("[red]Closed; it was told too late[/]" if late else "Closed; it was told in time")


@breach.command()
def revoke_device(
    device: Annotated[str, typer.Argument(help="The stolen device's gate, as in its configuration.")],
    *,
    cards: Annotated[
        bool, typer.Option("--cards", help="End every card too: whoever opened the vault can copy them.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """A device was stolen: change every key on this one that it shared, and say what else must be done."""
    settings = load(config, KioskSettings)
    if not yes:
        typer.confirm("Every printed pass and every PIN will end on this device. Go on?", abort=True)
    try:
        stolen = Slug(device)
    except ValueError as error:
        raise ConfigError(str(error), "Write it as in gate.toml, such as main-door") from None
    table = whole_table("", "step", "command", "", "result")
    failed = False
    with opened(settings, now()) as (vault, audit):
        for number, step in enumerate(respond(vault, audit, stolen, now(), cards=cards), 1):
            failed |= step.done is False
            table.add_row(str(number), step.what, step.command, _DONE[step.done], step.result)
    console.print(table)
    if failed:
        raise typer.Exit(1)
