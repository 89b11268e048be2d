"""`qaqpa-gate reader`: keys for OSDP readers, and a look at what the gate's readers read."""

import signal
import time
from pathlib import Path
from threading import Event
from typing import Annotated, get_args

import typer
from pydantic import ValidationError

from edge.config import load
from edge.errors import ConfigError
from turnstile.logs import configure_logs
from turnstile.readers.factory import open_readers
from turnstile.readers.osdp_key import new_key, read_key
from turnstile.readers.ports import Reader
from turnstile.readers.settings import Baud, OsdpBus
from turnstile.settings import GateSettings

app = typer.Typer(help="Keys and trials of card readers.", no_args_is_help=True)
LOOK_SECONDS = 0.01


@app.command("new-key")
def new_key_command(file: Annotated[Path, typer.Argument(help="Where to write it; must not exist.")]) -> None:
    """Make a key for an OSDP reader, in a file that only its owner can read."""
    new_key(file)
    typer.echo(f"key written to {file}; keep a copy where no thief of the gate finds it")


@app.command("install-key")
def install_key_command(
    file: Annotated[Path, typer.Argument(help="The key, made with new-key.")],
    port: Annotated[Path, typer.Option(help="Serial port of the reader, under /dev/serial/by-id.")],
    address: Annotated[int, typer.Option(min=0, max=126, help="Address of the reader.")] = 0,
    baud: Annotated[int, typer.Option(help="Baud rate of the reader.")] = 9600,
) -> None:
    """Give a key to the OSDP reader at this port, which must be in install mode, and prove that it works.

    The key travels under a key that everybody knows: have the reader on the table, on a cable of your own.
    """
    from turnstile.readers.osdp import install_key  # noqa: PLC0415  (other commands work without libosdp)

    try:
        bus = OsdpBus.model_validate({"port": port, "baud": baud, "address": address})
    except ValidationError:
        rates = ", ".join(map(str, get_args(Baud)))
        raise ConfigError(f"{baud} is no baud rate of OSDP", f"Name one of {rates}") from None
    install_key(bus, read_key(file))
    typer.echo("the reader has the key. Leave install mode now if it does not do so by itself")


@app.command()
def listen(
    config: Annotated[Path, typer.Option(help="The gate's configuration file.")] = Path(
        "/etc/qaqpa/gate.toml"
    ),
    *,
    cards: Annotated[int | None, typer.Option(min=1, help="Stop after so many cards.")] = None,
    show_numbers: Annotated[bool, typer.Option("--show-numbers", help="Print them, in hex digits.")] = False,
) -> None:
    """Say what the gate's readers read, while the gate is stopped. Opens nothing, accepts every card."""
    settings = load(config, GateSettings).readers
    if not settings:
        raise ConfigError("this gate has no card readers", "Add [[readers]] to its configuration")
    configure_logs()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    readers = open_readers(settings)
    try:
        typer.echo(f"hold a card to {', '.join(str(reader.name) for reader in readers)}; Ctrl-C ends")
        _tell(readers, stop, cards, show_numbers)
    finally:
        for reader in readers:
            reader.close()


def _tell(readers: list[Reader], stop: Event, cards: int | None, show_numbers: bool) -> None:
    seen = 0
    misread = {reader.name: 0 for reader in readers}
    while not stop.wait(LOOK_SECONDS) and (cards is None or seen < cards):
        for reader in readers:
            for read in reader.poll():
                seen += 1
                reader.feedback(True)
                number = read.number.hex() if show_numbers else "number kept secret"
                typer.echo(f"{_now()} {read.reader}: a card of {len(read.number)} bytes, {number}")
            if reader.misread > misread[reader.name]:
                misread[reader.name] = reader.misread
                typer.echo(f"{_now()} {reader.name}: something that is no card")


def _now() -> str:
    return time.strftime("%H:%M:%S")
