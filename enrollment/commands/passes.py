"""`qaqpa-kiosk pass`: signed passes for QR codes, on paper or on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.markup import escape

from edge.config import load
from edge.domain.credentials import CredentialKind
from edge.errors import ConfigError
from edge.vault.credentials import Credential
from edge.vision.qr import QUIET_ZONE, draw_code
from enrollment.console import (
    DEFAULT_CONFIG,
    Config,
    Student,
    console,
    end_at,
    end_of,
    last_moment,
    now,
    whole_table,
)
from enrollment.credential_desk import CredentialDesk, open_credential_desk
from enrollment.pass_sheet import load_font, write_sheet
from enrollment.settings import KioskSettings

pass_ = typer.Typer(
    help="Passes with a QR code, for everybody on the roster, with or without consent to faces, and for"
    " visitors. A school's order: issue, sheet.",
    no_args_is_help=True,
)

Students = Annotated[list[str] | None, typer.Argument(help="Numbers on the school's roster.")]
Group = Annotated[str | None, typer.Option(help="A class as it stands on the roster, such as 5A.")]
Until = Annotated[
    str | None,
    typer.Option(help="Last day, such as 2027-05-25; the default is passes.days of the configuration."),
]
_PIXELS = 16


@pass_.command()
def issue(
    students: Students = None,
    group: Group = None,
    everybody: Annotated[bool, typer.Option("--all", help="The whole roster.")] = False,
    until: Until = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Issue passes. People who are named get a new one, and their old one opens nothing any more.

    With --group or --all only those get one who have none that is valid.
    """
    if sum((bool(students), group is not None, everybody)) != 1:
        raise ConfigError("it is not said for whom", "Give student numbers, or --group 5A, or --all")
    with _desk(config) as (desk, settings):
        ends = _end(until, settings)
        count = desk.issue(students, ends, now()) if students else desk.issue_missing(group, ends, now())
        if not count:
            console.print("Nobody gets one: everybody has a valid pass. Name somebody to replace one")
        else:
            console.print(f"{count} {_passes(count)} issued, valid until {last_moment(ends, settings)}")
            console.print("Print with: qaqpa-kiosk pass sheet --out passes.pdf", highlight=False)


@pass_.command()
def sheet(
    students: Students = None,
    group: Group = None,
    out: Annotated[
        Path, typer.Option(help="The PDF to write; it opens the gate, so keep it like a key.")
    ] = Path("passes.pdf"),
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Print the valid passes: nine cards on a page of A4. Printing again changes nothing."""
    if students and group is not None:
        raise ConfigError("numbers and a class are named", "Give one of them, or none for the whole roster")
    with _desk(config) as (desk, settings):
        passes, without = desk.printable(students or [], group, now())
        pages = write_sheet(passes, settings, out)
        console.print(f"{len(passes)} {_passes(len(passes))} on {pages} page{'s' * (pages > 1)}: {out}")
        if without:
            console.print(
                f"[yellow]{without} without a valid pass are left out.[/] See: qaqpa-kiosk pass list"
            )


@pass_.command()
def phone(
    student: Student,
    out: Annotated[Path, typer.Option(help="The PNG picture to write.")] = Path("pass.png"),
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write one valid pass as a picture, for a phone. The same pass can be on paper too."""
    with _desk(config) as (desk, _):
        ((only,), _) = desk.printable([student], None, now())
    drawn = np.pad(np.where(draw_code(only.text), 0, 255), QUIET_ZONE, constant_values=255)
    picture = drawn.astype(np.uint8).repeat(_PIXELS, 0).repeat(_PIXELS, 1)
    try:
        out.touch(mode=0o600)
        out.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    except OSError as error:
        raise ConfigError(f"cannot write {out}: {error.strerror}", "Name another file with --out") from None
    console.print(f"Written: {out}")


@pass_.command()
def revoke(
    students: Students = None,
    visitor: Annotated[str | None, typer.Option(help="A visitor's label instead.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """End passes at once, on paper and on phones. A card of the same person goes on to count."""
    if bool(students) == (visitor is not None):
        raise ConfigError("it is not said whose", "Give student numbers, or --visitor LABEL")
    with _desk(config) as (desk, _):
        if visitor is not None:
            ended = desk.revoke_visitor(visitor, now())
        else:
            ended = desk.revoke(students or [], CredentialKind.QR, now())
        console.print(f"{ended} {_passes(ended)} ended")


@pass_.command("list")
def list_(group: Group = None, config: Config = DEFAULT_CONFIG) -> None:
    """Who has a pass and a card, by student number, and which visitors are expected."""
    with _desk(config) as (desk, settings):
        table = whole_table("student", "class", "pass", "card")
        for row in desk.held(group, now()):
            table.add_row(row.student_number, row.group, _state(row.qr, settings), _state(row.card, settings))
        visitors = desk.visitors()
    console.print(table)
    if visitors:
        guests = whole_table("visitor", "pass")
        for each, held in visitors:
            guests.add_row(escape(each.label), _state(held, settings))
        console.print(guests)


@pass_.command()
def visitor(
    label: Annotated[str, typer.Argument(help="What staff should read, such as: plumber.")],
    until: Annotated[str, typer.Option(help="End of the visit, such as 2026-11-25T18:00.")],
    out: Annotated[Path, typer.Option(help="The PDF to write.")] = Path("visitor.pdf"),
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Print a pass for a visitor, who is on no roster. A day after its end the visitor is forgotten."""
    with _desk(config) as (desk, settings):
        load_font(settings.passes.font)
        printed = desk.visitor(label, end_at(until, settings), now())
        write_sheet([printed], settings, out)
        console.print(f"Written: {out}")


@contextmanager
def _desk(config: Path) -> Iterator[tuple[CredentialDesk, KioskSettings]]:
    settings = load(config, KioskSettings)
    with open_credential_desk(settings, now()) as desk:
        yield desk, settings


def _end(until: str | None, settings: KioskSettings) -> datetime:
    return end_at(until, settings) if until else end_of(settings.passes.days, settings)


def _state(held: Credential | None, settings: KioskSettings) -> str:
    if held is None:
        return "[dim]none[/]"
    if held.expires is None:
        return "valid"
    ended = held.refusal(now()) is not None
    return f"{'[yellow]ended' if ended else 'until'} {last_moment(held.expires, settings)}"


def _passes(count: int) -> str:
    return "pass" if count == 1 else "passes"
