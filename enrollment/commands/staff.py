"""`qaqpa-kiosk staff`: who may act at a gate by hand, and with which PIN."""

import sys
from getpass import getpass
from typing import Annotated

import typer

from edge.config import load
from edge.errors import ConfigError
from enrollment.console import DEFAULT_CONFIG, Config, console, now, whole_table
from enrollment.settings import KioskSettings
from enrollment.staff_desk import open_staff_desk

staff = typer.Typer(
    help="PINs of staff: with one they let people through by hand. Staff come with the roster (role: staff).",
    no_args_is_help=True,
)
Number = Annotated[str, typer.Argument(help="The member's number on the school's roster.")]


@staff.command()
def pin(number: Number, config: Config = DEFAULT_CONFIG) -> None:
    """Set a member's PIN, in place of any earlier one. The command asks for it twice; the member types it."""
    settings = load(config, KioskSettings)
    chosen = _ask("The new PIN, 6 to 12 digits (it is not shown): ")
    if chosen != _ask("Once more: "):
        raise ConfigError("these were two different PINs", "Try again; nothing was changed")
    with open_staff_desk(settings, now()) as desk:
        desk.set_pin(number, chosen, now())
    console.print("The PIN is set; an earlier one counts no more")


@staff.command("list")
def list_(config: Config = DEFAULT_CONFIG) -> None:
    """All staff on the roster by number, and who of them has a PIN."""
    with open_staff_desk(load(config, KioskSettings), now()) as desk:
        table = whole_table("number", "group", "PIN")
        for member in desk.members(now()):
            table.add_row(member.number, member.group, "set" if member.has_pin else "[dim]none[/]")
    console.print(table)


@staff.command()
def revoke_pin(number: Number, config: Config = DEFAULT_CONFIG) -> None:
    """Take a member's PIN away at once. Card and pass go on to count."""
    with open_staff_desk(load(config, KioskSettings), now()) as desk:
        ended = desk.revoke_pin(number, now())
    console.print("The PIN counts no more" if ended else "This member had no PIN")


def _ask(question: str) -> str:
    """Typed unseen, or a line of standard input: never an argument, which other users and the history see."""
    return getpass(question) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
