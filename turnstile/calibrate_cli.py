"""`qaqpa-gate calibrate`: what the gate's own score counts say about its threshold. It changes nothing."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from edge.config import load
from edge.errors import ConfigError
from edge.match.calibration import Proposal, Rate, at_or_above, propose
from edge.match.counts import EDGES, Histogram, ScoreCounts, load_counts
from edge.match.drift import drift
from edge.vision.engine import DEFAULTS
from turnstile.settings import GateSettings

console = Console()
_BAR = 46
_STEP = 4


def calibrate(
    config: Annotated[Path, typer.Option(help="The gate's configuration file.")] = Path(
        "/etc/qaqpa/gate.toml"
    ),
    fpir: Annotated[
        float, typer.Option(min=1e-6, max=0.5, help="Share of strangers that may match somebody.")
    ] = 0.003,
    gallery: Annotated[int | None, typer.Option(min=1, help="Plan for so many enrolled people.")] = None,
) -> None:
    """Propose a threshold from this gate's own traffic: counts only, no pictures, no vectors, no identities.

    Nothing is changed: to follow the proposal, a person writes faces.stricter_by into the configuration.
    """
    settings = load(config, GateSettings)
    if settings.scores is None:
        raise ConfigError("this gate keeps no score counts", 'Add scores = "FILE" to its configuration')
    counts = load_counts(settings.scores)
    point = DEFAULTS[settings.engine]
    now = point.threshold + settings.faces.stricter_by
    found = propose(counts, fpir, gallery)
    _plot(counts, now, found.threshold)
    _table(counts, now, found, fpir)
    _advice(found, now, point.threshold, fpir)
    _watched(counts)


def _table(counts: ScoreCounts, now: float, found: Proposal, fpir: float) -> None:
    table = Table("", "now", "proposed", title=f"{counts.gallery} people enrolled, FPIR wanted {fpir:.2%}")
    table.add_row("threshold", f"{now:.2f}", f"{found.threshold:.2f}")
    table.add_row("FPIR, 95 % interval", _shown(at_or_above(counts.rivals, now)), _shown(found.fpir))
    table.add_row("of those recognised, refused then", "-", _shown(found.recognised_lost))
    table.add_row("searches counted", str(counts.rivals.sum()), "")
    console.print(table)


def _advice(found: Proposal, now: float, least: float, fpir: float) -> None:
    if not found.enough:
        console.print(f"[yellow]Too few searches for {fpir:.2%}: about {3 / fpir:.0f} are needed. Wait.[/]")
    elif found.threshold <= max(now, least):
        console.print("The gate is strict enough; a threshold is never lowered below the engine's own.")
    else:
        stricter = f"faces.stricter_by = {found.threshold - least:.2f}"
        console.print(f"To follow it, set in the configuration: [bold]{stricter}[/]")


def _watched(counts: ScoreCounts) -> None:
    console.print(f"Drift: {drift(counts)}", highlight=False)
    console.print(f"Children proposed for re-enrolment: {counts.re_enrol}", highlight=False)
    if counts.re_enrol:
        console.print("The kiosk names them: qaqpa-kiosk enroll status --re-enrol", highlight=False)


def _plot(counts: ScoreCounts, now: float, proposed: float) -> None:
    rows = [(counts.rivals, "red", "others"), (counts.accepted, "green", "recognised")]
    tops = {name: max(1, int(_coarse(histogram).max())) for histogram, _, name in rows}
    console.print("[red]others[/] and [green]recognised[/], by score; each to its own scale")
    for start in range(0, len(EDGES) - 1, _STEP):
        low = float(EDGES[start])
        bars = []
        for histogram, colour, name in rows:
            length = round(_BAR / 2 * int(histogram[start : start + _STEP].sum()) / tops[name])
            bars.append(f"[{colour}]{'█' * length}[/]{' ' * (_BAR // 2 - length)}")
        marks = [
            word for word, at in (("now", now), ("proposed", proposed)) if low <= at < low + _STEP * 0.01
        ]
        if any(histogram[start : start + _STEP].any() for histogram, _, _ in rows) or marks:
            console.print(f"{low:5.2f} {''.join(bars)} {' '.join(marks)}", highlight=False)


def _coarse(histogram: Histogram) -> Histogram:
    coarse: Histogram = histogram.reshape(-1, _STEP).sum(axis=1)
    return coarse


def _shown(rate: Rate) -> str:
    if not rate.of:
        return "no data"
    low, high = rate.interval
    return f"{rate.share:.2%} ({low:.2%} to {high:.2%})"
