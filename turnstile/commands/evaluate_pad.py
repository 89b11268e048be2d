"""`qaqpa-gate evaluate-pad`: how well pictures of faces are told from faces."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from edge.errors import ConfigError
from edge.vision.detect import Detector
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from edge.vision.pad.check import THRESHOLD
from edge.vision.pad.load import load_networks, load_pad
from edge.vision.pad.metrics import evaluate
from edge.vision.pad.pad import Pad
from edge.vision.pad.presentations import Scored, Scorer, collect, list_presentations, score_each
from edge.vision.pad.report import CAVEAT, PadReport, as_html, as_json, rows, skipped
from turnstile.hardening import forbid_memory_dumps


def evaluate_pad(
    *,
    bona_fide: Annotated[
        Path, typer.Option(metavar="DIR", help="Pictures of people who stood there themselves.")
    ],
    attack: Annotated[
        list[str],
        typer.Option(metavar="NAME=DIR", help="Pictures of one kind of attack; may be given several times."),
    ],
    sequences: Annotated[
        bool,
        typer.Option(
            "--sequences",
            help="Every folder with pictures is one presentation, its files the frames in order; "
            "the checks that need motion run too.",
        ),
    ] = False,
    depth: Annotated[
        bool, typer.Option("--depth", help="With the check that a gate adds by pad.depth = true.")
    ] = False,
    fps: Annotated[float, typer.Option(min=1, max=120, help="Frames a second of the sequences.")] = 10.0,
    threshold: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Least live probability that passes.")
    ] = THRESHOLD,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the confidence intervals.")] = 0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file.")] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", help="Write a page with the DET plot to this file.")
    ] = None,
) -> None:
    """Measure presentation attack detection, after ISO/IEC 30107-3: APCER, BPCER, ACER and a DET plot.

    Bad files are skipped and counted. A presentation in which no face is found counts as refused. Nothing
    leaves this machine.
    """
    forbid_memory_dumps()
    for target in (json_file, html_file):
        if target is not None and not target.absolute().parent.is_dir():
            raise ConfigError(f"there is no folder for {target}", "Make it, or name another file")
    folders = {"bona fide": bona_fide, **_named(attack)}
    listed = {name: list_presentations(folder, sequences) for name, folder in folders.items()}
    store = Store(models_folder())
    pad = load_pad(store, threshold, depth=depth) if sequences else Pad((load_networks(store, threshold),))
    scorer = Scorer(Detector(store.load(CATALOGUE[ModelName.YUNET])), pad, 1 / fps)
    console = Console()
    scored: dict[str, Scored] = {}
    for name, presentations in listed.items():
        outcomes = track(score_each(presentations, scorer), escape(name), len(presentations), console=console)
        scored[name] = collect(list(outcomes))
    genuine = scored.pop("bona fide")
    result = evaluate(genuine.scores, {name: each.scores for name, each in scored.items()}, threshold, seed)
    report = PadReport(tuple(check.name for check in pad.checks), sequences, genuine, scored, result)
    _show(console, report)
    if json_file is not None:
        _write(json_file, as_json(report))
    if html_file is not None:
        _write(html_file, as_html(report).encode("utf-8", "backslashreplace"))


def _named(attacks: list[str]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for text in attacks:
        name, equals, folder = text.partition("=")
        if not equals or not name or not folder or name in named or name == "bona fide":
            raise ConfigError(
                f"--attack {text} is not NAME=DIR with a name of its own", "For example --attack print=prints"
            )
        named[name] = Path(folder)
    return named


def _show(console: Console, report: PadReport) -> None:
    table = Table(title=f"Checks: {', '.join(report.checks)}", title_justify="left")
    for column in ("figure", "value", "95 % interval", "presentations", "without a face"):
        table.add_column(column, overflow="fold")
    for row in rows(report):
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
    for name, problem, count in skipped(report):
        console.print(f"{name}: {count} x {problem}, passed over", style="yellow", markup=False)
    console.print(CAVEAT, style="yellow")


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}", "Name another file") from error
