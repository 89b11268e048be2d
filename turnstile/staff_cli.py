"""`qaqpa-gate` for staff at a running gate: let in, hold, close, evacuate, and see who is inside."""

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
from turnstile.settings import GateSettings

console = Console(highlight=False)
Config = Annotated[Path, typer.Option(help="The gate's configuration file.")]
DEFAULT_CONFIG = Path("/etc/qaqpa/gate.toml")
Student = Annotated[str, typer.Argument(help="Student number of the child.")]


def release(
    student: Student,
    reason: Annotated[ManualReason, typer.Option(help="Why by hand.")],
    direction: Annotated[Direction, typer.Option(help="Into or out of the building.")] = Direction.IN,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Let one child through by hand. It is recorded with its reason, and the parents are told."""
    _tell(config, ReleaseRequest(student=student, direction=direction, reason=reason))


def status(config: Config = DEFAULT_CONFIG) -> None:
    """How the running gate is."""
    _tell(config, StatusRequest())


def reset(config: Config = DEFAULT_CONFIG) -> None:
    """After a fire, a door held open, or 'hold': a person has looked, the gate works again."""
    _tell(config, ResetRequest())


def hold(config: Config = DEFAULT_CONFIG) -> None:
    """Hold the gate open. You answer for who walks through; nobody is recorded. End it with 'reset'."""
    _tell(config, HoldRequest())


def close(config: Config = DEFAULT_CONFIG) -> None:
    """Lockdown: nobody comes in, everybody may leave, a restart changes nothing. End it with 'reopen'."""
    _tell(config, CloseRequest())


def reopen(config: Config = DEFAULT_CONFIG) -> None:
    """End a lockdown."""
    _tell(config, ReopenRequest())


def evacuate(config: Config = DEFAULT_CONFIG) -> None:
    """Open everything, as in a fire, and list who is inside. End it with 'reset'."""
    _tell(config, EvacuateRequest())
    inside(config)


def inside(config: Config = DEFAULT_CONFIG) -> None:
    """Who came in today and did not leave: by name, to print for the muster."""
    people = cast("list[dict[str, str]]", _answer(config, InsideRequest())["inside"])
    table = Table(title=f"Inside now: {len(people)}")
    for heading in ("group", "name", "number", "since", "found"):
        table.add_column(heading)
    for person in sorted(people, key=lambda each: (each["group"], each["name"])):
        table.add_row(person["group"], person["name"], person["number"], person["since"], "☐")
    console.print(table)


def forgive(student: Student, config: Config = DEFAULT_CONFIG) -> None:
    """Forget where a child was last seen, so that anti-passback does not hold it back."""
    _tell(config, ForgiveRequest(student=student))


COMMANDS = (release, status, reset, hold, close, reopen, evacuate, inside, forgive)


def _answer(config: Path, request: Request) -> Answer:
    answer = ask(load(config, GateSettings).control, request)
    if "error" in answer:
        Console(stderr=True).print(f"[red]{answer['error']}[/]", highlight=False)
        raise typer.Exit(1)
    return answer


def _tell(config: Path, request: Request) -> None:
    console.print(", ".join(f"{key}: {value}" for key, value in _answer(config, request).items()))
