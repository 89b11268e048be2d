"""`qaqpa-hub directory`: who is behind a pseudonym and whom to tell."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from edge.config import load
from sync.hub.commands.options import DEFAULT_CONFIG, Config
from sync.hub.database import Database
from sync.hub.directory import Directory, read_entries, read_key
from sync.hub.settings import HubSettings

app = typer.Typer(help="Who is behind a pseudonym and whom to tell.", no_args_is_help=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV; whoever is not in it is removed.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Replace the directory. All lines are checked first."""
    settings = load(config, HubSettings)
    entries = read_entries(file, read_key(settings.pseudonym_key))
    with closing(Database(settings.database)) as database:
        done = Directory(database).replace(entries)
    Console().print(
        f"people: {done.people}, of whom nobody is told about {done.untold}; guardians: {done.guardians};"
        f" removed: {done.removed}"
    )
