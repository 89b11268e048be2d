"""`qaqpa-hub webhook`: make a secret, look at the queue, try again."""

import json
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from edge.config import load
from sync.files import create
from sync.hub import webhook_queue
from sync.hub.commands.options import DEFAULT_CONFIG, Config
from sync.hub.database import Database
from sync.hub.settings import HubSettings
from sync.hub.webhook_queue import WebhookQueue
from sync.hub.webhook_signature import write_secret
from sync.process import EXIT_TERMINAL

app = typer.Typer(help="Events for another system.", no_args_is_help=True)
_SECRET_BYTES = 32


@app.command()
def secret(
    file: Annotated[Path, typer.Argument(help="A new file; the receiver gets the same text.")],
) -> None:
    """Make a secret to sign with. An existing file is left alone."""
    create(file, f"{write_secret(os.urandom(_SECRET_BYTES))}\n".encode(), 0o600)
    typer.echo(f"secret: {file}")


@app.command()
def status(
    config: Config = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """What the other system has not taken yet. Ends with 3 where events were given up."""
    settings = load(config, HubSettings)
    with closing(Database(settings.database)) as database:
        found = webhook_queue.counts(database)
    oldest = None if found.oldest is None else found.oldest.isoformat(timespec="seconds")
    if as_json:
        values = {
            "enabled": settings.webhook is not None, "waiting": found.waiting, "oldest": oldest,
            "given_up": found.given_up,
        }  # fmt: skip
        typer.echo(json.dumps(values))
    else:
        typer.echo(f"webhook: {'off' if settings.webhook is None else settings.webhook.url}")
        typer.echo(f"waiting: {found.waiting}, oldest: {oldest or '-'}")
        typer.echo(f"given up: {found.given_up}")
    if found.given_up:
        typer.echo(
            "problem: Events were given up: repair the receiver, then qaqpa-hub webhook retry.", err=True
        )
        raise typer.Exit(EXIT_TERMINAL)


@app.command()
def retry(config: Config = DEFAULT_CONFIG) -> None:
    """Try everything again now, what was given up too, with a new term."""
    settings = load(config, HubSettings)
    with closing(Database(settings.database)) as database:
        number = WebhookQueue(database).retry(datetime.now(UTC))
    typer.echo(f"due now: {number}")
