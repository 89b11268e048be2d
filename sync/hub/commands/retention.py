"""`qaqpa-hub retention`: erases what the hub has kept for its term, once a day."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from edge import device_clock
from edge.config import load
from sync.hub.commands.options import DEFAULT_CONFIG, Config
from sync.hub.database import Database
from sync.hub.retention import Plan, Retention
from sync.hub.settings import HubSettings, RetentionSettings

retention = typer.Typer(
    help="Erase what was kept for its term: events, their notices, messages that nobody understood.",
    no_args_is_help=True,
)
log = structlog.get_logger()
console = Console()


@retention.command()
def plan(config: Config = DEFAULT_CONFIG) -> None:
    """Show what is due. Nothing is changed."""
    with _opened(config) as (kept, settings):
        found = kept.plan(datetime.now(UTC))
    console.print(_table(found, settings, "due"))
    for doubt in found.doubts:
        console.print(f"[yellow]A run would stop and ask: {doubt}.[/]", highlight=False)


@retention.command()
def run(
    yes: Annotated[
        bool, typer.Option("--yes", help="A person looked: the clock is right, and so many are due.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Erase what is due. A doubtful clock, or very many events at once, stops it without --yes."""
    with _opened(config) as (kept, settings):
        done = kept.run(datetime.now(UTC), confirmed=yes)
    log.info("retention", events=done.events, notices=done.notices, quarantined=done.quarantined)
    console.print(_table(done, settings, "erased"))


def _table(plan: Plan, settings: RetentionSettings, verb: str) -> Table:
    table = Table("what", "kept for", verb)
    table.add_row("events", f"{settings.events_days} days", str(plan.events))
    table.add_row("notices about them", "as long", str(plan.notices))
    table.add_row("messages put aside", f"{settings.quarantine_days} days", str(plan.quarantined))
    return table


@contextmanager
def _opened(config: Path) -> Iterator[tuple[Retention, RetentionSettings]]:
    settings = load(config, HubSettings)
    with closing(Database(settings.database)) as database:
        yield Retention(database, settings.retention, device_clock.synchronised), settings.retention
