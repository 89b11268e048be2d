"""`qaqpa-gate` for staff at a running gate: let in, hold, close, evacuate, and see who is inside.

What opens a gate is signed with a number and a PIN. Closing and evacuating never wait for one.
"""

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.table import Table

from edge.config import load
from edge.domain.events import Direction
from turnstile.control import (
    Answer,
    CloseRequest,
    EvacuateRequest,
    ForgiveRequest,
    HoldRequest,
    InsideRequest,
    ManualReason,
    ReleaseRequest,
    ReopenRequest,
    Request,
    ResetRequest,
    StatusRequest,
    ask,
)
from turnstile.muster_list import COLUMNS, as_text
from turnstile.settings import GateSettings

console = Console(highlight=False)
Config = Annotated[Path, typer.Option(help="The gate's configuration file.")]
DEFAULT_CONFIG = Path("/etc/qaqpa/gate.toml")
Student = Annotated[str, typer.Argument(help="The person's number on the roster.")]
Staff = Annotated[str, typer.Option(help="Your own number on the roster; the command asks for your PIN.")]
Out = Annotated[Path | None, typer.Option(help="Write the list to this file, as plain text to print.")]
PinStdin = Annotated[
    bool, typer.Option("--pin-stdin", help="Read the PIN from standard input instead, for scripts.")
]


def release(
    student: Student,
    *,
    reason: Annotated[ManualReason, typer.Option(help="Why by hand.")],
    staff: Staff,
    direction: Annotated[Direction, typer.Option(help="Into or out of the building.")] = Direction.IN,
    pin_stdin: PinStdin = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Let one person through by hand. It is recorded with you and the reason; a pupil's parents are told."""
    pin = _pin(pin_stdin)
    _tell(config, ReleaseRequest(student=student, direction=direction, reason=reason, staff=staff, pin=pin))


def status(config: Config = DEFAULT_CONFIG) -> None:
    """How the running gate is."""
    _tell(config, StatusRequest())


def reset(staff: Staff, pin_stdin: PinStdin = False, config: Config = DEFAULT_CONFIG) -> None:
    """After a fire, a door held open, or 'hold': a person has looked, the gate works again."""
    _tell(config, ResetRequest(staff=staff, pin=_pin(pin_stdin)))


def hold(staff: Staff, pin_stdin: PinStdin = False, config: Config = DEFAULT_CONFIG) -> None:
    """Hold the gate open. You answer for who walks through; nobody is recorded. End it with 'reset'."""
    _tell(config, HoldRequest(staff=staff, pin=_pin(pin_stdin)))


def close(config: Config = DEFAULT_CONFIG) -> None:
    """Lockdown: nobody comes in, everybody may leave, a restart changes nothing. End it with 'reopen'."""
    _tell(config, CloseRequest())


def reopen(staff: Staff, pin_stdin: PinStdin = False, config: Config = DEFAULT_CONFIG) -> None:
    """End a lockdown."""
    _tell(config, ReopenRequest(staff=staff, pin=_pin(pin_stdin)))


def evacuate(out: Out = None, config: Config = DEFAULT_CONFIG) -> None:
    """Open everything, as in a fire, and list who is inside. End it with 'reset'."""
    _tell(config, EvacuateRequest())
    _list_inside(config, out)


def inside(
    *,
    at_alarm: Annotated[
        bool, typer.Option("--at-alarm", help="As it was when the last emergency began.")
    ] = False,
    out: Out = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Who came in within 24 hours and did not leave: by name, to print for the muster."""
    _list_inside(config, out, at_alarm=at_alarm)


def forgive(
    student: Annotated[str | None, typer.Argument(help="The person's number on the roster.")] = None,
    *,
    everybody: Annotated[
        bool, typer.Option("--all", help="Everybody: they left by another door, or past a gate held open.")
    ] = False,
    staff: Staff,
    pin_stdin: PinStdin = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Forget where somebody was last seen, so that anti-passback does not hold them back."""
    if (student is None) is not everybody:
        raise typer.BadParameter("name one person, or say --all")
    _tell(config, ForgiveRequest(student=student, staff=staff, pin=_pin(pin_stdin)))


def _list_inside(config: Path, out: Path | None, *, at_alarm: bool = False) -> None:
    answer = _answer(config, InsideRequest(at_alarm=at_alarm))
    people = sorted(
        cast("list[dict[str, str]]", answer["inside"]), key=lambda each: (each["group"], each["name"])
    )
    title = f"Inside {'at the alarm' if at_alarm else 'now'}: {len(people)}"
    table = Table(title=title)
    for heading in (*COLUMNS, "found"):
        table.add_column(heading)
    for person in people:
        table.add_row(*(person[column] for column in COLUMNS), "☐")
    console.print(table)
    if out is not None:
        _write(out, as_text(people, title))


def _write(out: Path, text: str) -> None:
    """Readable by its owner alone: it names who is in the building."""
    try:
        out.touch(mode=0o600)
        out.write_text(text, "utf-8")
    except OSError as error:
        Console(stderr=True).print(f"[red]cannot write {out}: {error.strerror}[/]", highlight=False)
        raise typer.Exit(1) from None
    console.print(f"written to {out}: delete it when nobody needs it any more")


def _pin(from_stdin: bool) -> str:
    """Typed unseen: never an argument, which other users and the shell's history would see."""
    typed = sys.stdin.readline().rstrip("\r\n") if from_stdin else getpass("Your PIN (it is not shown): ")
    return typed.encode(errors="replace").decode()  # bytes that are no text are no PIN either


def _answer(config: Path, request: Request) -> Answer:
    answer = ask(load(config, GateSettings).control, request)
    if "error" in answer:
        Console(stderr=True).print(f"[red]{answer['error']}[/]", highlight=False)
        raise typer.Exit(1)
    return answer


def _tell(config: Path, request: Request) -> None:
    console.print(", ".join(f"{key}: {value}" for key, value in _answer(config, request).items()))
