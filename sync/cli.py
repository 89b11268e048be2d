"""`qaqpa-sync`: the publisher's command line."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509

from edge.config import load
from edge.errors import ConfigError
from sync import enroll_cli, logs
from sync.outbox import Outbox
from sync.process import beside, guarded, stop_on_signal
from sync.publisher import Publisher
from sync.renewal import Renewal
from sync.settings import PublisherSettings

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
    with Outbox(settings.outbox) as outbox, beside(Renewal(settings).run, stop):
        Publisher(settings, outbox).run(stop)


app.command()(enroll_cli.enroll)
app.command()(enroll_cli.renew)


@app.command()
def status(config: Config = DEFAULT_CONFIG) -> None:
    """How much waits for the hub, and how long the certificate is valid."""
    settings = load(config, PublisherSettings)
    if not settings.outbox.is_file():
        raise ConfigError(
            f"there is no outbox at {settings.outbox}", "Start the gate once; it makes the outbox"
        )
    with Outbox(settings.outbox) as outbox:
        backlog = outbox.backlog()
    oldest = "-" if backlog.oldest is None else backlog.oldest.isoformat(timespec="seconds")
    typer.echo(f"waiting for the hub: {backlog.count}, oldest: {oldest}")
    typer.echo(f"certificate valid for {_days_left(settings.tls.cert)} days")


def _days_left(path: Path) -> int:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the certificate {path}", "Check tls.cert") from error
    return (certificate.not_valid_after_utc - datetime.now(UTC)).days


def main() -> None:
    """Entry point."""
    guarded(app)
