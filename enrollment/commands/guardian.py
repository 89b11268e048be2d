"""`qaqpa-kiosk guardian`: who is a guardian of a child no more, and who is one from now on."""

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape

from edge.config import load
from edge.domain.removal import RemovalReason
from enrollment.console import DEFAULT_CONFIG, Config, Student, console, now
from enrollment.guardian_desk import Removed, open_guardian_desk
from enrollment.settings import KioskSettings

guardian = typer.Typer(
    help="Guardians of a child: remove one whose rights ended, add one. The roster import removes nobody.",
    no_args_is_help=True,
)


@guardian.command()
def remove(
    students: Annotated[
        list[str],
        typer.Argument(metavar="STUDENT", help="The number of the child, or of several children."),
    ],
    *,
    guardian: Annotated[str, typer.Option(help="Whom to remove: the name as on the roster.")],
    reason: Annotated[RemovalReason, typer.Option(help="Why.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Remove one guardian: contacts, IIN and birth date are destroyed, what they agreed to ends at once."""
    if not yes:
        typer.confirm(f"This guardian of {', '.join(students)} will be gone for good. Go on?", abort=True)
    with open_guardian_desk(load(config, KioskSettings), now()) as desk:
        done = desk.remove(students, guardian, reason, now())
        namesakes = desk.namesakes(guardian, now())
    for each in done:
        for line in _told(each):
            console.print(escape(line), highlight=False, soft_wrap=True)
    if namesakes:
        console.print(
            f"[yellow]A guardian of this name stands with {escape(', '.join(namesakes))} too.[/] Remove them"
            " there as well, if it is the same person and the same holds there",
            highlight=False,
            soft_wrap=True,
        )
    console.print(
        "Now take them off the hub's list, or it goes on telling them: leave their line out, then"
        " qaqpa-hub directory import FILE",
        highlight=False,
        soft_wrap=True,
    )


@guardian.command()
def add(
    student: Student,
    *,
    guardian: Annotated[str, typer.Option(help="The full name.")],
    relation: Annotated[str, typer.Option(help="What the guardian is to the child, such as mother.")],
    phone: Annotated[str, typer.Option(help="The phone.")] = "",
    email: Annotated[str, typer.Option(help="The e-mail.")] = "",
    guardian_iin: Annotated[str, typer.Option(help="The guardian's IIN.")] = "",
    guardian_born: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The guardian's date of birth.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Add a guardian, also one who was removed. No earlier consent comes back: they are asked anew."""
    cells = {
        "guardian_name": guardian.strip(),
        "relation": relation.strip(),
        "phone": phone.strip(),
        "email": email.strip(),
        "guardian_iin": guardian_iin.strip(),
        "guardian_born": guardian_born.date().isoformat() if guardian_born else "",
    }
    with open_guardian_desk(load(config, KioskSettings), now()) as desk:
        desk.add(student, cells, now())
    console.print("Added, without a consent. Put the line into the school's roster file too")


def _told(done: Removed) -> list[str]:
    """What staff should know of one child, and do."""
    number, destroyed = done.student_number, done.destroyed
    lines = [
        f"Removed from {number}: name, contacts, IIN, birth date are destroyed; consents ended:"
        f" {destroyed.consents}; face templates destroyed: {destroyed.templates}"
    ]
    if done.block is not None:
        lines.append(f"{number} passes by card: {done.block.value.replace('_', ' ')}")
    if done.objects:
        lines.append(
            "What this guardian objected to stays so. Another guardian, or the child, takes it back:"
            f" qaqpa-kiosk rights open unblocking {number} --guardian NAME, or --child instead;"
            f" then qaqpa-kiosk rights take-back {number}"
        )
    lines += [
        f"Request {id_} of this guardian is open, and no act answers it any more:"
        f" qaqpa-kiosk rights close {id_} --outcome refused"
        for id_ in done.requests
    ]
    if not done.guardians_left:
        lines.append(
            f"{number} has no guardian now, and nobody can consent until there is one:"
            f" qaqpa-kiosk guardian add {number} --guardian NAME --relation WHAT"
        )
    return lines
