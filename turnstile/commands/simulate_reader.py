"""`qaqpa-gate simulate-reader`: simulated card readers to try a gate on, byte for byte like real ones."""

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from edge.credentials.card import LONGEST
from turnstile.boards.line_reader import LineReader
from turnstile.readers.number import Digits
from turnstile.readers.osdp_key import read_key
from turnstile.readers.text import Checksum

app = typer.Typer(help="A card reader in software, for trying things out.", no_args_is_help=True)
STEP_SECONDS = 0.05

Link = Annotated[Path | None, typer.Option(help="Also reachable under this lasting name.")]
Card = Annotated[str | None, typer.Option(help="Number of a card, in hex digits, held to it by itself.")]
Every = Annotated[float, typer.Option(min=0.05, help="Seconds between two times it is held to it.")]


@app.callback()
def readers() -> None:
    """Run a simulated card reader until Ctrl-C. Type a card number in hex digits to hold a card to it."""


@app.command()
def osdp(
    *,
    key_file: Annotated[Path | None, typer.Option(help="Its key; without one it is in install mode.")] = None,
    address: Annotated[int, typer.Option(min=0, max=126, help="Its address on the bus.")] = 0,
    link: Link = None,
    card: Card = None,
    every: Every = 2.0,
) -> None:
    """Run an OSDP reader. Numbers of 3 and 4 bytes are sent as Wiegand 26 and 34, others as they are."""
    from turnstile.boards.osdp_reader import OsdpReader  # noqa: PLC0415  (the others work without libosdp)

    key = read_key(key_file) if key_file else None
    reader = OsdpReader(key, address=address, link=link, tell=_show)
    try:
        typer.echo(f"port {link or reader.wire.port}")
        _hold_cards(reader.present, card, every)
    finally:
        reader.close()


@app.command()
def serial(
    *,
    digits: Annotated[Digits, typer.Option(help="How it writes a number.")] = Digits.HEX,
    checksum: Annotated[Checksum, typer.Option(help="How it guards a hex number.")] = Checksum.NONE,
    link: Link = None,
    card: Card = None,
    every: Every = 2.0,
) -> None:
    """Run a reader that sends a line for every card."""
    reader = LineReader(digits, checksum, link=link)
    try:
        typer.echo(f"port {link or reader.wire.port}")
        _hold_cards(reader.present, card, every)
    finally:
        reader.close()


def _hold_cards(present: Callable[[bytes], None], card: str | None, every: float) -> None:
    """Until stopped: the card of the option again and again, and every card that is typed."""
    # Handlers of our own: a program started in the background inherits a SIGINT that is ignored.
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    typed = _typed_lines()
    due = time.monotonic()
    while not stop.wait(STEP_SECONDS):
        if card is not None and time.monotonic() >= due:
            due += every
            _hold(present, card)
        for line in next(typed):
            _hold(present, line)
    typer.echo("stopped")


def _hold(present: Callable[[bytes], None], digits: str) -> None:
    try:
        number = bytes.fromhex(digits)
        if not 0 < len(number) <= LONGEST:
            raise ValueError
        present(number)
    except ValueError:
        typer.echo("this reader cannot tell such a card. Type it in hex digits, for example 39AB11")


def _typed_lines() -> Iterator[list[str]]:
    """What was typed since the last time, without waiting; nothing any more once the input has ended."""
    source: int | None = sys.stdin.fileno()
    rest = b""
    while True:
        lines: list[bytes] = []
        if source is not None and select.select([source], [], [], 0)[0]:
            data = os.read(source, 4096)
            if not data:
                source = None
            *lines, rest = (rest + data).split(b"\n")
            rest = rest[-2 * LONGEST :]
        yield [line.decode("ascii", "replace").strip() for line in lines if line.strip()]


def _show(told: str) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} {told}")
