"""`qaqpa-gate display`: the screen in front of the gate, as a page for the browser on this device."""

from typing import Annotated

import typer
from rich.console import Console

from edge.config import load
from turnstile.commands.staff import DEFAULT_CONFIG, Config
from turnstile.feed.settings import feed_of
from turnstile.settings import GateSettings


def display(
    config: Config = DEFAULT_CONFIG,
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Port on 127.0.0.1.")] = 8099,
) -> None:
    """Serve what the person in front of the gate is told, on this device only, until stopped.

    Open http://127.0.0.1:8099/ in a browser in kiosk mode; ?lang=kk shows one language, else all three.
    """
    # Only here: the gate's own process must not even load a web server.
    from turnstile.display.server import listen_on, make_server  # noqa: PLC0415

    server = make_server(feed_of(load(config, GateSettings)))
    listening = listen_on(port)
    Console(stderr=True).print(f"http://127.0.0.1:{port}/", highlight=False)
    server.run(sockets=[listening])
