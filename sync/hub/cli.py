"""`qaqpa-hub`: the hub's command line."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from edge.config import load
from sync import logs
from sync.fleet.cli import simulate_fleet
from sync.hub import broker_cli, ca_cli, days, db_cli, export_cli, watch_cli, webhook_cli
from sync.hub.attendance import sightings
from sync.hub.database import Database
from sync.hub.directory import Directory, read_entries, read_key
from sync.hub.options import DEFAULT_CONFIG, Config
from sync.hub.quarantine_cli import quarantine
from sync.hub.retention_cli import retention
from sync.hub.service import Role, serve
from sync.hub.settings import HubSettings
from sync.process import guarded, stop_on_signal

app = typer.Typer(
    help="Receives attendance and tells the parents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
directory = typer.Typer(help="Who is behind a pseudonym and whom to tell.", no_args_is_help=True)
app.add_typer(directory, name="directory")
app.add_typer(ca_cli.app, name="ca")
app.add_typer(broker_cli.app, name="broker")
app.add_typer(db_cli.app, name="db")
app.add_typer(webhook_cli.app, name="webhook")
app.add_typer(retention, name="retention")
console = Console()


@app.callback()
def prepare() -> None:
    """Before every command."""
    logs.configure()


@app.command()
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Serve until stopped: ingest, notify and web in one. Ends with 3 where a person must act."""
    serve(load(config, HubSettings), list(Role), stop_on_signal())


@app.command()
def ingest(config: Config = DEFAULT_CONFIG) -> None:
    """Only store and confirm what gates report, until stopped. Run as many as there are cores to spare."""
    serve(load(config, HubSettings), [Role.INGEST], stop_on_signal())


@app.command()
def notify(config: Config = DEFAULT_CONFIG) -> None:
    """Only tell guardians and the webhook, until stopped. With PostgreSQL there may be several."""
    serve(load(config, HubSettings), [Role.NOTIFY, Role.WEBHOOK], stop_on_signal())


@app.command()
def web(config: Config = DEFAULT_CONFIG) -> None:
    """Only the pages, the monitor's numbers and Home Assistant, until stopped."""
    serve(load(config, HubSettings), [Role.WEB, Role.HOME_ASSISTANT], stop_on_signal())


@app.command()
def attendance(
    config: Config = DEFAULT_CONFIG,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], callback=days.option, help="Today if not given.")
    ] = None,
) -> None:
    """Print a day's events."""
    settings = load(config, HubSettings)
    zone = ZoneInfo(settings.time_zone)
    table = Table("time", "gate", "way", "who", "how", "what")
    with closing(Database(settings.database)) as database:
        school = None if settings.schools else settings.school
        for each in sightings(database, _day(day, zone), zone, school):
            who = each.display_name or (str(each.child)[:8] if each.child else "-")
            time = f"{each.occurred:%H:%M:%S}{'' if each.time_certain else ' ?'}"
            table.add_row(time, each.gate, each.direction.value, who, each.method.value, each.kind.value)
    console.print(table)


app.command("simulate-fleet")(simulate_fleet)
app.command("status")(watch_cli.status)
app.command("gaps")(watch_cli.show_gaps)
app.command("tail")(watch_cli.tail)
app.command()(quarantine)
app.command()(export_cli.export)
app.command()(export_cli.report)
app.command()(export_cli.audit)


@directory.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV; whoever is not in it is removed.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Replace the directory. All lines are checked first."""
    settings = load(config, HubSettings)
    entries = read_entries(file, read_key(settings.pseudonym_key))
    with closing(Database(settings.database)) as database:
        done = Directory(database).replace(entries)
    console.print(
        f"people: {done.people}, of whom nobody is told about {done.untold}; guardians: {done.guardians};"
        f" removed: {done.removed}"
    )


def _day(day: datetime | None, zone: ZoneInfo) -> date:
    return datetime.now(zone).date() if day is None else day.date()


def main() -> None:
    """Entry point."""
    guarded(app)
