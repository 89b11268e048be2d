"""`qaqpa-gate simulate-board`: simulated relay boards to try a gate on, byte for byte like the real ones."""

import signal
import time
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from edge.domain.events import Direction
from turnstile.boards.lcus import LcusBoard
from turnstile.boards.people import Behaviour, People, PeopleSettings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def boards() -> None:
    """Run a simulated relay board until Ctrl-C."""


@app.command()
def lcus(
    channels: Annotated[int, typer.Option(min=1, max=8, help="How many relays it has.")] = 2,
    silent: Annotated[bool, typer.Option("--silent", help="Be a board that never answers.")] = False,
    link: Annotated[Path | None, typer.Option(help="Also reachable under this lasting name.")] = None,
    walk: Annotated[float | None, typer.Option(min=0.1, help="Let people pass in this many seconds.")] = None,
    behaviour: Annotated[list[Behaviour] | None, typer.Option(help="What the next person does.")] = None,
) -> None:
    """Run an LCUS board: channel 1 is the way in, channel 2 the way out."""
    people = None
    if walk is not None:
        people = People(PeopleSettings(walk_seconds=walk, behaviour=tuple(behaviour or ())))
    # Handlers of our own: a program started in the background inherits a SIGINT that is ignored.
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    board = LcusBoard(
        channels,
        answers=not silent,
        link=link,
        on_change=_show,
        people=people,
        channels_of={1: Direction.IN, 2: Direction.OUT},
    )
    try:
        typer.echo(f"port {link or board.port}")
        if board.passages:
            typer.echo(f"passages {board.passages}")
        stop.wait()
        typer.echo("stopped")
    finally:
        board.close()


def _show(channel: int, on: bool) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} channel {channel} {'on' if on else 'off'}")
