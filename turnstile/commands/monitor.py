"""`qaqpa-gate monitor`: how the running gate does, for staff at a terminal."""

from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.live import Live

from edge.config import load
from turnstile.commands.staff import DEFAULT_CONFIG, Config
from turnstile.feed.listen import listen
from turnstile.feed.settings import feed_of
from turnstile.feed.snapshot import Snapshot
from turnstile.monitor_view import line, panel
from turnstile.settings import GateSettings

console = Console(highlight=False)


def monitor(
    config: Config = DEFAULT_CONFIG,
    *,
    once: Annotated[bool, typer.Option(help="Show how it is now and end; 1 if no gate answers.")] = False,
) -> None:
    """Watch the running gate: state, decisions with reason and latency, camera, outbox, clock. No names.

    In a terminal one panel that is kept up to date, until Ctrl-C; in a pipe a line for each change.
    """
    settings = load(config, GateSettings)
    heard, zone = listen(feed_of(settings)), ZoneInfo(settings.zone)
    if once:
        snapshot = next(heard)
        console.print(panel(snapshot, zone))
        raise typer.Exit(int(snapshot is None))
    try:
        if console.is_terminal:
            _watch(heard, zone)
        else:
            _follow(heard, zone)
    except KeyboardInterrupt:
        return


def _watch(heard: Iterator[Snapshot | None], zone: ZoneInfo) -> None:
    with Live(console=console, auto_refresh=False) as live:
        for snapshot in heard:
            live.update(panel(snapshot, zone), refresh=True)


def _follow(heard: Iterator[Snapshot | None], zone: ZoneInfo) -> None:
    known: object = ()
    for snapshot in heard:
        news = snapshot and (snapshot.state, snapshot.cue, snapshot.recent)
        if news != known:
            known = news
            console.print(line(snapshot, zone), soft_wrap=True)
