"""`qaqpa-kiosk rights`: what a parent, a pupil or an authority asks about a child's data, and until when."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from edge.config import load
from edge.domain.blocks import Asker
from edge.domain.requests import Outcome, Right, Way
from edge.errors import ConfigError
from edge.policy.rights import State
from enrollment.commands.receipt import ReceiptFile, hand_over, require_new
from enrollment.console import (
    DEFAULT_CONFIG,
    Config,
    Student,
    console,
    last_moment,
    moment_of,
    now,
    whole_table,
)
from enrollment.rectify import Corrections, Value
from enrollment.rights_desk import AT_ONCE, DESTROYS, Registered, open_rights_desk
from enrollment.settings import KioskSettings, Language

rights = typer.Typer(
    help="Requests about somebody's data: enter each one, answer it before it is due. What stops the use of a"
    " face (restriction, objection, withdrawal) is done as soon as it is entered.",
    no_args_is_help=True,
)
Id = Annotated[str, typer.Argument(metavar="ID", help="The request's id; see: qaqpa-kiosk rights list.")]
_COLOURS = {State.OVERDUE: "red bold", State.NEARLY: "yellow", State.OPEN: "none", State.CLOSED: "dim"}


@rights.command("open")
def open_(
    right: Annotated[Right, typer.Argument(metavar="KIND", help="What is asked for.")],
    student: Student,
    *,
    guardian: Annotated[str | None, typer.Option(help="A guardian asks: the name as on the roster.")] = None,
    child: Annotated[
        bool, typer.Option("--child", help="The child itself asks, or the member of staff.")
    ] = False,
    authority: Annotated[bool, typer.Option("--authority", help="An authority asks.")] = False,
    way: Annotated[Way, typer.Option(help="How it reached the school.")] = Way.IN_PERSON,
    received: Annotated[
        str | None, typer.Option(help="When, such as 2027-01-31 or 2027-01-31T10:30; now if left out.")
    ] = None,
    text: Annotated[str, typer.Option(help="What was said; it is sealed under the child's key.")] = "",
    whole: Annotated[
        bool, typer.Option("--whole", help="Withdrawal: end what the other guardians agreed to as well.")
    ] = False,
    receipt: ReceiptFile = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Enter a request. From now on its term runs; restriction, objection and withdrawal are done at once."""
    settings = load(config, KioskSettings)
    asker = _asker(guardian, child=child, authority=authority)
    if whole and right is not Right.WITHDRAWAL:
        raise ConfigError("only a withdrawal can be whole", "Leave --whole out")
    if receipt is not None and right not in DESTROYS:
        raise ConfigError(f"{right.value} destroys nothing, so there is no receipt", "Leave --receipt out")
    require_new(receipt)
    at = moment_of(received, settings) if received else now()
    with open_rights_desk(settings, now()) as desk:
        entered = desk.open(
            right, student, asker, guardian, way=way, received=at, now=now(), text=text, whole=whole
        )
        if right in AT_ONCE:
            console.print(
                f"Done at once: {right.value}. From now on the gate lets this person in by card only"
            )
        else:
            console.print(f"Request {entered.request.id}: due {_due(entered, settings)}", highlight=False)
        if entered.destroyed is not None:
            hand_over(desk.receipt(entered.destroyed), entered.destroyed, receipt, settings)


@rights.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 if one is overdue, or nearly so.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Every open request with its last day; overdue ones come first, red, nearly overdue ones yellow."""
    settings = load(config, KioskSettings)
    with open_rights_desk(settings, now()) as desk:
        register = desk.register(now(), closed=all_)
    table = whole_table("id", "kind", "student", "asks", "due", "state")
    for each in register:
        request, outcome = each.request, each.request.outcome
        table.add_row(
            request.id,
            request.right.value,
            escape(each.student_number) if each.student_number else "[dim]erased[/]",
            request.asked_by.value,
            _due(each, settings),
            outcome.value if outcome else each.state.value.replace("_", " "),
            style=_COLOURS[each.state],
        )
    console.print(table)
    if strict and any(each.state in {State.OVERDUE, State.NEARLY} for each in register):
        raise typer.Exit(1)


@rights.command()
def show(id_: Id, config: Config = DEFAULT_CONFIG) -> None:
    """One request with what was said and answered. That it was looked at goes into the audit trail."""
    settings = load(config, KioskSettings)
    with open_rights_desk(settings, now()) as desk:
        shown = desk.show(id_, now())
    request = shown.request
    lines = {
        "request": request.id,
        "kind": request.right.value,
        "student": shown.student_number or "erased",
        "asks": request.asked_by.value,
        "way": request.way.value,
        "received": last_moment(request.received_at, settings),
        "due": _due(shown, settings),
        "state": request.outcome.value if request.outcome else shown.state.value.replace("_", " "),
        "said": request.text,
        "answered": request.answer,
    }
    for name, value in lines.items():
        if value:
            console.print(f"{name:>9}  {escape(value)}", highlight=False)


@rights.command()
def close(
    id_: Id,
    *,
    outcome: Annotated[Outcome, typer.Option(help="How it ended.")],
    answer: Annotated[str, typer.Option(help="What was answered; it is sealed under the child's key.")] = "",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Close a request that was answered by hand, such as a complaint, or that was refused or taken back."""
    with open_rights_desk(load(config, KioskSettings), now()) as desk:
        desk.close(id_, outcome, answer, now())
    console.print(f"Request {id_} is closed: {outcome.value.replace('_', ' ')}", highlight=False)


@rights.command()
def archive(
    student: Student,
    *,
    out: Annotated[Path, typer.Option(help="The ZIP file to write; it must not exist.")],
    language: Annotated[
        Language | None, typer.Option(help="Of the PDF; the passes' language if left out.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Answer a request for access: everything held about somebody, as JSON and as a PDF to read."""
    settings = load(config, KioskSettings)
    with open_rights_desk(settings, now()) as desk:
        desk.archive(student, out, language or settings.passes.language, now())
    console.print(f"Written: {out}. Hand it to whoever asked, then delete it here", highlight=False)


@rights.command()
def rectify(
    student: Student,
    *,
    full_name: Annotated[str | None, typer.Option(help="The child's name as it should be.")] = None,
    born: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The child's date of birth.")
    ] = None,
    group: Annotated[str | None, typer.Option(help="The class.")] = None,
    iin: Annotated[str | None, typer.Option(help="The child's IIN.")] = None,
    guardian: Annotated[
        str | None, typer.Option(help="Whose fields the following are: the guardian's name of now.")
    ] = None,
    guardian_name: Annotated[str | None, typer.Option(help="The guardian's name as it should be.")] = None,
    relation: Annotated[str | None, typer.Option(help="What the guardian is to the child.")] = None,
    phone: Annotated[str | None, typer.Option(help="The guardian's phone, or the member of staff's.")] = None,
    email: Annotated[
        str | None, typer.Option(help="The guardian's e-mail, or the member of staff's.")
    ] = None,
    guardian_iin: Annotated[str | None, typer.Option(help="The guardian's IIN.")] = None,
    guardian_born: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The guardian's date of birth.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Correct what is wrong about somebody. Correct the school's roster file too, or an import undoes it."""
    of_child = _given(full_name=full_name, born=born, group=group, iin=iin)
    of_guardian = _given(
        full_name=guardian_name,
        relation=relation,
        phone=phone,
        email=email,
        iin=guardian_iin,
        born=guardian_born,
    )
    with open_rights_desk(load(config, KioskSettings), now()) as desk:
        fields = desk.rectify(student, Corrections(of_child, guardian, of_guardian), now())
    console.print(f"Corrected: {', '.join(fields)}. Correct the school's roster file too")


@rights.command()
def unblock(student: Student, config: Config = DEFAULT_CONFIG) -> None:
    """Lift the restrictions, once somebody checked the data. Objections stay."""
    with open_rights_desk(load(config, KioskSettings), now()) as desk:
        lifted = desk.unblock(student, now())
    console.print(f"Lifted: {lifted} {'restriction' if lifted == 1 else 'restrictions'}")


@rights.command()
def take_back(student: Student, config: Config = DEFAULT_CONFIG) -> None:
    """Lift the objection of whoever asked, or else of a guardian who was removed. Enrol the face anew."""
    with open_rights_desk(load(config, KioskSettings), now()) as desk:
        lifted = desk.take_back(student, now())
    console.print(f"Taken back: {lifted} {'objection' if lifted == 1 else 'objections'}")


@rights.command()
def erase(
    student: Student,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    receipt: ReceiptFile = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Answer a request for erasure: destroy everything about somebody. The closed request stays, nameless."""
    require_new(receipt)
    settings = load(config, KioskSettings)
    if not yes:
        typer.confirm("Everything about this person will be gone for good. Go on?", abort=True)
    with open_rights_desk(settings, now()) as desk:
        done = desk.erase(student, now())
        console.print(f"Erased: {done.templates} templates, {done.consents} consents and the whole record")
        hand_over(desk.receipt(done), done, receipt, settings)


def _asker(guardian: str | None, *, child: bool, authority: bool) -> Asker:
    named = [
        asker
        for asker, told in (
            (Asker.GUARDIAN, guardian is not None),
            (Asker.CHILD, child),
            (Asker.AUTHORITY, authority),
        )
        if told
    ]
    if len(named) != 1:
        raise ConfigError("who asks is not clear", "Give one of --guardian NAME, --child and --authority")
    return named[0]


def _given(**values: str | datetime | None) -> dict[str, Value]:
    """The options that were given; an empty text is a value too."""
    return {
        name: value.date() if isinstance(value, datetime) else value
        for name, value in values.items()
        if value is not None
    }


def _due(each: Registered, settings: KioskSettings) -> str:
    return last_moment(each.due, settings)
