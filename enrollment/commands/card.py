"""`qaqpa-kiosk card`: cards that the school or the town gave out. Only a keyed hash of a number is kept."""

import sys
from getpass import getpass
from typing import Annotated

import typer

from edge.config import load
from edge.domain.credentials import CredentialKind
from enrollment.console import DEFAULT_CONFIG, Config, Student, console, end_at, now
from enrollment.credential_desk import open_credential_desk
from enrollment.settings import KioskSettings

card = typer.Typer(
    help="Cards, for everybody on the roster, with or without consent to faces. The number is typed, or"
    " read by a reader that types it.",
    no_args_is_help=True,
)
_ASKED = "Hold the card to the reader, or type its number (it is not shown): "


@card.command()
def add(
    student: Student,
    until: Annotated[
        str | None, typer.Option(help="Last day, such as 2027-05-25; without it until it is revoked.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Give somebody on the roster a card, in place of any earlier one. The command asks for the card."""
    settings = load(config, KioskSettings)
    ends = end_at(until, settings) if until else None
    number = _ask()
    with open_credential_desk(settings, now()) as desk:
        desk.add_card(student, number, ends, now())
    console.print("The card is added; an earlier one opens nothing any more")


@card.command()
def revoke(
    students: Annotated[list[str], typer.Argument(help="Numbers on the school's roster.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """End the cards of these people at once. Their passes go on to count."""
    with open_credential_desk(load(config, KioskSettings), now()) as desk:
        ended = desk.revoke(students, CredentialKind.CARD, now())
    console.print(f"{ended} {'card' if ended == 1 else 'cards'} ended")


@card.command()
def whose(config: Config = DEFAULT_CONFIG) -> None:
    """Say to whom a card that was found belongs. The command asks for the card."""
    settings, number = load(config, KioskSettings), _ask()
    with open_credential_desk(settings, now()) as desk:
        console.print(desk.whose(number, now()), highlight=False)


def _ask() -> str:
    """The number; not from the command line, where other users and the shell's history would see it.

    It is asked for before the vault is opened: nothing waits in the middle of an act.
    """
    return getpass(_ASKED) if sys.stdin.isatty() else sys.stdin.readline()
