"""`qaqpa-hub db`: the versions of the hub's tables."""

import typer

from edge.config import load
from sync.hub import migrate
from sync.hub.commands.options import DEFAULT_CONFIG, Config
from sync.hub.settings import HubSettings
from sync.process import EXIT_TERMINAL

app = typer.Typer(help="The tables of the hub's database.", no_args_is_help=True)


@app.command()
def upgrade(config: Config = DEFAULT_CONFIG) -> None:
    """Bring the tables to what this program needs. Stop the hub's processes first; make a backup."""
    before = migrate.upgrade(load(config, HubSettings).database)
    typer.echo(f"tables: {before or 'none'} before, {migrate.HEAD} now")


@app.command()
def status(config: Config = DEFAULT_CONFIG) -> None:
    """Which tables are there. Ends with 3 where they need an upgrade."""
    found = migrate.state(load(config, HubSettings).database)
    if found == migrate.HEAD:
        typer.echo(f"tables: {found}, up to date")
        return
    typer.echo(f"tables: {found or 'none'}, needed: {migrate.HEAD}; {migrate.UPGRADE}")
    raise typer.Exit(EXIT_TERMINAL)
