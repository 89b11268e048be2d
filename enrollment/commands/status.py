"""`qaqpa-kiosk enroll status`: how everybody stands, by student number and without names."""

from typing import Annotated

import typer
from rich.table import Column

from edge.config import load
from edge.match.trend import Proposal
from edge.policy.standing import Block
from enrollment.console import DEFAULT_CONFIG, Config, console, day, now, whole_table
from enrollment.desk import Standing, open_desk
from enrollment.settings import KioskSettings

_BLOCKED = {
    Block.NO_CONSENT: "[dim]none: card[/]",
    Block.CHILD_OBJECTS: "[red]child objects: card[/]",
    Block.GUARDIAN_OBJECTS: "[red]guardian objects: card[/]",
    Block.SUSPENDED: "[yellow]ask again: a wider policy[/]",
    Block.RESTRICTED: "[yellow]restricted: card[/]",
}
_WHY = {Proposal.NEAR: "scores near the limit", Proposal.SUNK: "scores have sunk"}


def status(
    re_enrol: Annotated[
        bool, typer.Option("--re-enrol", help="Only those who should be enrolled anew.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Who agreed to what, whose face counts or why not, who should be enrolled anew; by student number."""
    settings = load(config, KioskSettings)
    with open_desk(settings, now()) as desk:
        table = whole_table(
            "student",
            "class",
            Column("face until", no_wrap=True),
            "agreed to",
            "templates",
            Column("re-enrol", no_wrap=True),
        )
        for row in desk.standings(now()):
            if re_enrol and row.re_enrol is None:
                continue
            why = f"[yellow]{_WHY[row.re_enrol]}[/]" if row.re_enrol else ""
            agreed = _agreed(row, settings)
            table.add_row(
                row.student_number, row.group, _face(row, settings), agreed, str(row.templates), why
            )
    console.print(table)


def _face(row: Standing, settings: KioskSettings) -> str:
    if row.consent_until is not None:
        return day(row.consent_until, settings)
    return _BLOCKED[row.block or Block.NO_CONSENT]


def _agreed(row: Standing, settings: KioskSettings) -> str:
    """Every purpose, with its end where that is another day than the face's."""
    return ", ".join(
        purpose.value if end == row.consent_until else f"{purpose.value} until {day(end, settings)}"
        for purpose, end in row.purposes.items()
    )
