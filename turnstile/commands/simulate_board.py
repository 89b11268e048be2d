"""`qaqpa-gate simulate-board`: simulated relay boards to try a gate on, byte for byte like the real ones."""

import signal
import time
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from turnstile.boards.kmtronic import KmtronicBoard
from turnstile.boards.lcus import LcusBoard
from turnstile.boards.numato import NumatoBoard
from turnstile.boards.people import Behaviour, People, PeopleSettings
from turnstile.boards.terminal import TerminalBoard
from turnstile.drivers.kmtronic import BOARDS

app = typer.Typer(help="A relay board in software, for trying things out.", no_args_is_help=True)

Channels = Annotated[int, typer.Option(min=1, max=8, help="How many relays it has.")]
Silent = Annotated[bool, typer.Option("--silent", help="Be a board that never answers.")]
Link = Annotated[Path | None, typer.Option(help="Also reachable under this lasting name.")]
Walk = Annotated[float | None, typer.Option(min=0.1, help="Let people pass in this many seconds.")]
Does = Annotated[list[Behaviour] | None, typer.Option(help="What the next person does.")]
Pty = Annotated[bool, typer.Option("--pty", help="On a pseudo-terminal, as always.")]
Unit = Annotated[int, typer.Option(min=1, max=247, help="Its number on the bus.")]


@app.callback()
def boards() -> None:
    """Run a simulated relay board until Ctrl-C."""


@app.command()
def lcus(
    *,
    channels: Channels = 2,
    silent: Silent = False,
    link: Link = None,
    walk: Walk = None,
    behaviour: Does = None,
    pty: Pty = True,
) -> None:
    """Run an LCUS board: channel 1 is the way in, channel 2 the way out."""
    people = _people(walk, behaviour)
    _run(LcusBoard(channels, answers=not silent, link=link, on_change=_show, people=people))


@app.command()
def kmtronic(
    *,
    channels: Channels = 2,
    silent: Silent = False,
    link: Link = None,
    walk: Walk = None,
    behaviour: Does = None,
    pty: Pty = True,
) -> None:
    """Run a KMTronic board of 1, 2, 4 or 8 relays: channel 1 is the way in, channel 2 the way out."""
    if channels not in BOARDS:
        raise typer.BadParameter(f"there are boards of {', '.join(map(str, BOARDS))} relays")
    people = _people(walk, behaviour)
    _run(KmtronicBoard(channels, answers=not silent, link=link, on_change=_show, people=people))


@app.command()
def numato(
    *,
    channels: Channels = 2,
    silent: Silent = False,
    link: Link = None,
    walk: Walk = None,
    behaviour: Does = None,
    pty: Pty = True,
) -> None:
    """Run a Numato module: channel 0 is the way in, channel 1 the way out."""
    people = _people(walk, behaviour)
    _run(NumatoBoard(channels, answers=not silent, link=link, on_change=_show, people=people))


@app.command("modbus-rtu")
def modbus_rtu(
    *,
    channels: Channels = 8,
    unit: Unit = 1,
    silent: Silent = False,
    link: Link = None,
    walk: Walk = None,
    behaviour: Does = None,
    pty: Pty = True,
) -> None:
    """Run a Modbus RTU board with a pulse of its own: channel 1 is the way in, channel 2 the way out."""
    from turnstile.boards.modbus_rtu import ModbusBoard  # noqa: PLC0415  (pymodbus starts slowly)

    people = _people(walk, behaviour)
    _run(ModbusBoard(channels, unit=unit, answers=not silent, link=link, on_change=_show, people=people))


def _people(walk: float | None, behaviour: list[Behaviour] | None) -> People | None:
    if walk is None:
        return None
    return People(PeopleSettings(walk_seconds=walk, behaviour=tuple(behaviour or ())))


def _run(board: TerminalBoard) -> None:
    # Handlers of our own: a program started in the background inherits a SIGINT that is ignored.
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        typer.echo(f"port {board.name}")
        if board.passages:
            typer.echo(f"passages {board.passages}")
        stop.wait()
        typer.echo("stopped")
    finally:
        board.close()


def _show(channel: int, on: bool) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} channel {channel} {'on' if on else 'off'}")
