"""`qaqpa-gate calibrate`: what the gate's own score counts say about its threshold."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from edge.config import load
from edge.errors import ConfigError
from edge.match.calibration import (
    ENOUGH_SEARCHES,
    Calibration,
    Rate,
    at_or_above,
    below,
    load_calibration,
    own_tail,
)
from edge.match.counts import EDGES, Histogram, ScoreCounts, load_counts
from edge.match.drift import drift
from edge.match.threshold import Strictness
from edge.vision.engine_choice import DEFAULTS
from turnstile.settings import GateSettings

console = Console()
_BAR = 46
_STEP = 4


def calibrate(
    config: Annotated[Path, typer.Option(help="The gate's configuration file.")] = Path(
        "/etc/qaqpa/gate.toml"
    ),
    *,
    fpir: Annotated[
        float | None, typer.Option(min=1e-6, max=0.5, help="Look at another FPIR than the gate's own.")
    ] = None,
    gallery: Annotated[int | None, typer.Option(min=1, help="Plan for so many enrolled people.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Write the calibration file.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --accept: do not ask.")] = False,
) -> None:
    """Say what this gate's own traffic means for its threshold: counts only, no pictures, no identities.

    Nothing is changed without --accept; with it, the gate can only become stricter.
    """
    settings = load(config, GateSettings)
    if settings.scores is None:
        raise ConfigError("this gate keeps no score counts", 'Add scores = "FILE" to its configuration')
    counts = load_counts(settings.scores)
    now = _present(settings, counts.engine)
    tail = own_tail(counts)
    found = now if tail is None else replace(now, tails=(*DEFAULTS[settings.engine].tails, tail))
    now, found = (replace(each, fpir=fpir or settings.faces.fpir) for each in (now, found))
    size = counts.gallery
    _plot(counts, now.point(size).threshold, found.point(size).threshold)
    _table(counts, now, found, sorted({size, gallery or size}))
    if tail is None:
        console.print(
            f"[yellow]Too few searches for a tail of its own: about {ENOUGH_SEARCHES} are needed.[/]"
        )
    elif not accept:
        console.print("Nothing was changed. To follow the gate's own tail: qaqpa-gate calibrate --accept")
    else:
        _accept(settings, Calibration(counts.engine, tail, int(counts.rivals.sum()), size), ask=not yes)
    _watched(counts)


def _present(settings: GateSettings, engine: str) -> Strictness:
    start, file = DEFAULTS[settings.engine], settings.faces.calibration
    if file is None:
        return start
    try:
        return replace(start, tails=(*start.tails, load_calibration(file, engine).tail))
    except ConfigError as error:  # this command is how it is mended
        console.print(f"[yellow]{error.args[0]}; left out here.[/]", soft_wrap=True)
        return start


def _accept(settings: GateSettings, made: Calibration, *, ask: bool) -> None:
    path = settings.faces.calibration
    if path is None:
        raise ConfigError(
            "this gate names no calibration file", 'Add calibration = "FILE" to its section faces'
        )
    if ask and not typer.confirm(f"Write {path}? The gate follows it from its next start on"):
        console.print("Nothing was changed.")
        return
    try:
        made.save(path)
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror}", "Check the folder and its rights"
        ) from None
    console.print(f"Wrote {path}. Restart the gate to follow it.", soft_wrap=True)


def _table(counts: ScoreCounts, now: Strictness, found: Strictness, sizes: list[int]) -> None:
    table = Table(
        "", "now", "with its own tail", title=f"{counts.gallery} people enrolled, FPIR {now.fpir:.2%}"
    )
    for size in sizes:
        bars = (f"{each.point(size).threshold:.2f}" for each in (now, found))
        table.add_row(f"threshold, {size} enrolled", *bars)
    bars_here = [each.point(counts.gallery).threshold for each in (now, found)]
    table.add_row("FPIR seen, 95 % interval", *(_shown(at_or_above(counts.rivals, bar)) for bar in bars_here))
    table.add_row("recognised, refused then", "-", _shown(below(counts.accepted, bars_here[1])))
    table.add_row("searches counted", str(counts.rivals.sum()), "")
    console.print(table)


def _watched(counts: ScoreCounts) -> None:
    console.print(f"Drift: {drift(counts)}", highlight=False)
    console.print(f"Children proposed for re-enrolment: {counts.re_enrol}", highlight=False)
    if counts.re_enrol:
        console.print("The kiosk names them: qaqpa-kiosk enroll status --re-enrol", highlight=False)


def _plot(counts: ScoreCounts, now: float, own: float) -> None:
    rows = [(counts.rivals, "red", "others"), (counts.accepted, "green", "recognised")]
    tops = {name: max(1, int(_coarse(histogram).max())) for histogram, _, name in rows}
    console.print("[red]others[/] and [green]recognised[/], by score; each to its own scale")
    for start in range(0, len(EDGES) - 1, _STEP):
        low = float(EDGES[start])
        bars = []
        for histogram, colour, name in rows:
            length = round(_BAR / 2 * int(histogram[start : start + _STEP].sum()) / tops[name])
            bars.append(f"[{colour}]{'█' * length}[/]{' ' * (_BAR // 2 - length)}")
        marks = [word for word, at in (("now", now), ("own tail", own)) if low <= at < low + _STEP * 0.01]
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
