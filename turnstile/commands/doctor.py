"""`qaqpa-gate doctor`: for a gate that is not running: cameras, boards and readers belong to one process."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge.config import load
from turnstile.commands.staff import DEFAULT_CONFIG, Config
from turnstile.doctor import examine
from turnstile.only_process import only_process
from turnstile.settings import GateSettings


def doctor(config: Config = DEFAULT_CONFIG) -> None:
    """Try models, vault, PINs, files, camera, turnstile, inputs, readers and clock. No turnstile is opened.

    Exits with 1 if anything does not work. Stop the gate first: its parts belong to one process.
    """
    settings = load(config, GateSettings)
    with _stopped(settings):
        findings = list(examine(settings))
    table = Table("", "part", "seen", "what to do", title=f"{settings.school}/{settings.gate}")
    for finding in findings:
        mark = "[green]✓[/]" if finding.works else "[red bold]✗[/]"
        table.add_row(mark, finding.part, escape(finding.told), escape(finding.remedy))
    Console(highlight=False).print(table)
    if not all(finding.works for finding in findings):
        raise typer.Exit(1)


@contextmanager
def _stopped(settings: GateSettings) -> Iterator[None]:
    """Nobody is this gate meanwhile. Without the folder nobody can be, and the outbox's line tells of it."""
    if settings.outbox.parent.is_dir():
        with only_process(settings.outbox):
            yield
    else:
        yield
