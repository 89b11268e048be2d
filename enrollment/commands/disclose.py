"""`qaqpa-kiosk disclose`: what is handed to a state body, on a legal ground, by two members of staff."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from edge.config import load
from edge.domain.disclosure import Handed
from edge.policy.vocabulary import Ground
from enrollment.console import DEFAULT_CONFIG, Config, Student, console, day, now, whole_table
from enrollment.disclosure_desk import Demand, Signature, open_disclosure_desk
from enrollment.settings import KioskSettings

disclose = typer.Typer(
    help="Hand data to a state body on a ground of the law. Nothing biometric is ever among them.",
    no_args_is_help=True,
)


@disclose.command()
def hand_over(
    student: Student,
    *,
    ground: Annotated[Ground, typer.Option(help="The legal ground; it must be in force.")],
    document: Annotated[str, typer.Option(help="Number and date of the written demand.")],
    body: Annotated[str, typer.Option("--to", help="The state body, as its document names it.")],
    staff: Annotated[list[str], typer.Option(help="Number of a member of staff; twice. Each types a PIN.")],
    data: Annotated[
        list[Handed] | None,
        typer.Option(help="What the demand names, and nothing more; repeat. Without it the identity alone."),
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path(),
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write what is handed over, as JSON, text and PDF, and enter it in the register."""
    settings = load(config, KioskSettings)
    signed = [Signature(number, _ask(f"PIN of {number} (it is not shown): ")) for number in staff]
    with open_disclosure_desk(settings, now()) as desk:
        demand = Demand(ground, document, body, frozenset(data or [Handed.IDENTITY]))
        done = desk.disclose(student, demand, signed, out, now())
    console.print(f"Disclosure {done.id} is in the register; its files: disclosure-{done.id}.*")


@disclose.command("list")
def list_(config: Config = DEFAULT_CONFIG) -> None:
    """The register: every disclosure, also of people who were erased since."""
    settings = load(config, KioskSettings)
    with open_disclosure_desk(settings, now()) as desk:
        table = whole_table("number", "day", "student", "ground", "document", "to", "data")
        for each, student in desk.all(now()):
            table.add_row(
                each.id,
                day(each.at, settings),
                student or "[dim]erased[/]",
                each.ground,
                each.document,
                each.body,
                ", ".join(sorted(each.handed)),
            )
    console.print(table)


def _ask(question: str) -> str:
    """Typed unseen, or a line of standard input: never an argument, which other users and the history see."""
    return getpass(question) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
