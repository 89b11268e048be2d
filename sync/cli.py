"""`qaqpa-sync`: the publisher's command line."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from edge.config import load
from edge.errors import ConfigError
from sync import enroll_cli, logs
from sync.metrics import TextFile
from sync.outbox import Outbox
from sync.process import EXIT_TERMINAL, beside, guarded, stop_on_signal
from sync.publisher import Publisher
from sync.renewal import Renewal
from sync.settings import PublisherSettings
from sync.status import PublisherStatus, examine

app = typer.Typer(
    help="Sends a gate's attendance events to the hub.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Config = Annotated[Path, typer.Option(help="The publisher's TOML file.")]
DEFAULT_CONFIG = Path("/etc/qaqpa/sync.toml")


@app.command()
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Publish until stopped. Ends with 3 where a person must act, 2 for a wrong configuration."""
    settings = load(config, PublisherSettings)
    logs.configure()
    stop = stop_on_signal()
    with Outbox(settings.outbox) as outbox, ExitStack() as stack:
        publisher = Publisher(settings, outbox)
        stack.enter_context(beside(Renewal(settings).run, stop))
        if settings.metrics is not None:
            text_file = TextFile(settings, settings.metrics.textfile, publisher.traffic)
            stack.enter_context(beside(text_file.run, stop))
        publisher.run(stop)


app.command()(enroll_cli.enroll)
app.command()(enroll_cli.renew)


@app.command()
def status(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """What waits for the hub, certificate, disk and clock. Ends with 3 where a person must act."""
    settings = load(config, PublisherSettings)
    if not settings.outbox.is_file():
        raise ConfigError(
            f"there is no outbox at {settings.outbox}", "Start the gate once; it makes the outbox"
        )
    now = datetime.now(UTC)
    seen = examine(settings, now)
    if as_json:
        typer.echo(json.dumps(seen.as_json()))
    else:
        _tell(seen, now)
    if seen.problems:
        raise typer.Exit(EXIT_TERMINAL)


def _tell(seen: PublisherStatus, now: datetime) -> None:
    typer.echo(f"waiting for the hub: {seen.waiting}, oldest: {_time(seen.oldest)}")
    typer.echo(f"last confirmed: {_time(seen.last_confirmed)}")
    typer.echo(f"certificate valid for {(seen.certificate_ends - now).days} days")
    if seen.broker_certificate_ends is not None:
        typer.echo(f"broker's certificate valid for {(seen.broker_certificate_ends - now).days} days")
    typer.echo(f"disk used: {seen.disk_used:.0%}")
    typer.echo(f"clock synchronised: {'yes' if seen.clock_synchronised else 'no'}")
    for problem in seen.problems:
        typer.echo(f"problem: {problem}", err=True)


def _time(moment: datetime | None) -> str:
    return "-" if moment is None else moment.isoformat(timespec="seconds")


def main() -> None:
    """Entry point."""
    guarded(app)
