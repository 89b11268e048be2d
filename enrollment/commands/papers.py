"""`qaqpa-kiosk papers`: the papers that a school needs, from its configuration and policies."""

from pathlib import Path
from typing import Annotated

import typer

from edge.config import load
from enrollment.console import DEFAULT_CONFIG, Config, console, now, whole_table
from enrollment.documents.elsewhere import read_gate, read_hub
from enrollment.documents.facts import school_of
from enrollment.documents.make import NEEDS, make
from enrollment.documents.template import Paper
from enrollment.settings import KioskSettings, Language

papers = typer.Typer(
    help="Notices, consent form, records: what a school hands out and keeps, as PDF in three languages.",
    no_args_is_help=True,
)


@papers.command("list")
def list_() -> None:
    """The papers there are, and what each needs. Reads no configuration."""
    table = whole_table("name", "is", "needs of \\[papers]", "speaks of the gates")
    for paper, needs in NEEDS.items():
        table.add_row(paper.value, needs.purpose, ", ".join(needs.keys), "yes" if needs.gates else "no")
    console.print(table)


@papers.command("make")
def make_(
    *,
    out: Annotated[Path, typer.Option(help="The folder for the files; older ones of the same name go.")],
    language: Annotated[
        list[Language] | None, typer.Option(help="kk, ru or en; repeat for several. Default: all three.")
    ] = None,
    gate_config: Annotated[
        list[Path] | None, typer.Option(help="A gate's configuration file; repeat for several gates.")
    ] = None,
    hub_config: Annotated[Path | None, typer.Option(help="The hub's configuration file.")] = None,
    only: Annotated[
        list[Paper] | None, typer.Option(help="A paper's name; repeat for several. Default: all.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Make the papers, with the newest published editions of the policies. Needs no vault."""
    settings = load(config, KioskSettings)
    gates = [read_gate(path, settings.school) for path in gate_config or []]
    hub = read_hub(hub_config, settings.school) if hub_config else None
    school = school_of(settings, gates, hub, now().astimezone().date())
    for path in make(school, only or list(Paper), language or list(Language), out):
        console.print(f"Written: {path}", highlight=False, soft_wrap=True)
