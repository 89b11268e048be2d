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
from edge.domain.ids import Slug
from edge.errors import ConfigError
from sync import logs
from sync.broker import BrokerPlan, local_broker
from sync.hub.attendance import sightings
from sync.hub.ca import HUB, CertificateAuthority, Issued
from sync.hub.database import Database
from sync.hub.directory import Directory, read_entries
from sync.hub.retention_cli import retention
from sync.hub.service import Hub
from sync.hub.settings import HubSettings
from sync.process import guarded, stop_on_signal
from sync.settings import TlsSettings

app = typer.Typer(
    help="Receives attendance and tells the parents.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
directory = typer.Typer(help="Who is behind a pseudonym and whom to tell.", no_args_is_help=True)
ca = typer.Typer(help="The school's own certificates.", no_args_is_help=True)
app.add_typer(directory, name="directory")
app.add_typer(ca, name="ca")
app.add_typer(retention, name="retention")
console = Console()

Config = Annotated[Path, typer.Option(help="The hub's TOML file.")]
DEFAULT_CONFIG = Path("/etc/qaqpa/hub.toml")


@app.callback()
def prepare() -> None:
    """Before every command."""
    logs.configure()


@app.command()
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Serve until stopped. Ends with 3 where a person must act, 2 for a wrong configuration."""
    settings = load(config, HubSettings)
    stop = stop_on_signal()
    with closing(Database(settings.database)) as database:
        Hub(settings, database).run(stop)


@app.command()
def broker(
    *,
    folder: Annotated[Path, typer.Argument(help="Where its configuration and log go.")],
    ca: Annotated[Path, typer.Option(help="The authority's folder, made by 'ca init'.")],
    school: Annotated[str, typer.Option(help="The school's name in topics.")],
    gate: Annotated[list[str], typer.Option(help="A gate that may connect; repeat.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="TLS port.")] = 8883,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Run a broker for a small school until stopped: Mosquitto if it is installed, else NATS."""
    tls = TlsSettings(ca=ca / "ca.crt", cert=ca / "broker.crt", key=ca / "broker.key")
    plan = BrokerPlan(folder, port, tls, _slug(school), [_slug(name) for name in gate], HUB, host)
    chosen = local_broker(plan)
    console.print(f"{type(chosen).__name__} on {host}:{port}; Ctrl-C ends it")
    chosen.serve(stop_on_signal())


@app.command()
def attendance(
    config: Config = DEFAULT_CONFIG,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Today if not given.")] = None,
) -> None:
    """Print a day's events."""
    settings = load(config, HubSettings)
    zone = ZoneInfo(settings.time_zone)
    table = Table("time", "gate", "way", "who", "how", "what")
    with closing(Database(settings.database)) as database:
        for each in sightings(database, _day(day, zone), zone):
            who = each.display_name or (str(each.child)[:8] if each.child else "-")
            time = f"{each.occurred:%H:%M:%S}{'' if each.time_certain else ' ?'}"
            table.add_row(time, each.gate, each.direction.value, who, each.method.value, each.kind.value)
    console.print(table)


@directory.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV; whoever is not in it is removed.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Replace the directory. All lines are checked first."""
    settings = load(config, HubSettings)
    entries = read_entries(file, _key(settings.pseudonym_key))
    with closing(Database(settings.database)) as database:
        done = Directory(database).replace(entries)
    console.print(
        f"people: {done.people}, of whom nobody is told about {done.untold}; guardians: {done.guardians};"
        f" removed: {done.removed}"
    )


@ca.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new folder; keep it offline afterwards.")],
    school: Annotated[str, typer.Option(help="The school's name in topics.")],
    host: Annotated[list[str], typer.Option(help="Name or address of the broker; repeat.")] = [],  # noqa: B006 # typer reads it, nobody changes it
) -> None:
    """Make the authority and the certificates of the broker and the hub."""
    authority = CertificateAuthority.create(folder, _slug(school))
    _show(authority.issue_broker(host))
    _show(authority.issue_hub())


@ca.command()
def issue(
    folder: Annotated[Path, typer.Argument(help="The authority's folder.")],
    gate: Annotated[str, typer.Option(help="The gate's name, as in its configuration.")],
) -> None:
    """Make a gate's certificate."""
    _show(CertificateAuthority.open(folder).issue_gate(_slug(gate)))


def _show(issued: Issued) -> None:
    console.print(f"{issued.cert} and {issued.key}")


def _slug(text: str) -> Slug:
    try:
        return Slug(text)
    except ValueError as error:
        raise ConfigError(str(error), "Use for example school-7 or main-door") from error


def _key(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"cannot read the pseudonym key {path}: {error.strerror}", "Write one with: qaqpa-kiosk hub-key"
        ) from error


def _day(day: datetime | None, zone: ZoneInfo) -> date:
    return datetime.now(zone).date() if day is None else day.date()


def main() -> None:
    """Entry point."""
    guarded(app)
