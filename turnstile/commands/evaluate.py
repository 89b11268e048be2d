"""`qaqpa-gate evaluate`: how well recognition works on a folder of pictures."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from edge.errors import ConfigError
from edge.evaluation.acquisition import Acquisition, acquire
from edge.evaluation.det_plot import require_matplotlib
from edge.evaluation.evaluate import evaluate
from edge.evaluation.folder import GROUPS_FILE, list_folder
from edge.evaluation.groups import read_groups
from edge.evaluation.record import ABOUT_CHILDREN, as_json
from edge.evaluation.report import as_html
from edge.evaluation.sheets import Sheet, acquisition_sheet, evaluation_sheets, problem_sheet
from edge.vision.engine_choice import DEFAULTS, EngineName
from edge.vision.models.store import Store, models_folder
from turnstile.hardening import forbid_memory_dumps

_WORKERS = 2
_MOST_FILES_SHOWN = 20
_MOST_ENROLLED = 20


def evaluate_command(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder with a folder of pictures for every person.")
    ],
    *,
    enrol: Annotated[
        int,
        typer.Option(
            min=1, max=_MOST_ENROLLED, help="Pictures enrolled per person: the first ones by file name."
        ),
    ] = 1,
    engine: Annotated[
        list[EngineName] | None, typer.Option(help="Recognition engine; may be given several times.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all figures to this file.")] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", help="Write a report with plots to this file.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another seed deals people into other galleries.")] = 0,
    groups: Annotated[
        Path | None,
        typer.Option(help="CSV with the columns person,GROUP...; DIR/groups.csv if it is there."),
    ] = None,
) -> None:
    """Measure recognition on pictures in DIR/PERSON/IMAGE, after ISO/IEC 19795-1.

    Nothing leaves this machine and no vector is written to disk. docs/evaluation.md says how each figure
    is made.
    """
    for target in (json_file, html_file):
        _require_writable(target)
    if html_file:
        require_matplotlib()
    listing = list_folder(directory)
    beside = directory / GROUPS_FILE
    path = groups or (beside if beside.is_file() else None)
    membership = read_groups(path) if path else {}
    console = Console()
    forbid_memory_dumps()
    names = list(dict.fromkeys(engine or [EngineName.SFACE]))
    with _bar(console, "pictures") as progress:
        task = progress.add_task("pictures", total=len(listing.entries))
        acquisition = acquire(
            listing,
            names,
            Store(models_folder()),
            _WORKERS,
            lambda done: progress.update(task, completed=done),
        )
    _show_acquisition(console, acquisition)
    with _bar(console, "comparing") as progress:
        task = progress.add_task("comparing", total=1.0)
        evaluation = evaluate(
            acquisition,
            DEFAULTS,
            enrol=enrol,
            seed=seed,
            groups=membership,
            progress=lambda done: progress.update(task, completed=done),
        )
    for sheet in evaluation_sheets(evaluation):
        _show(console, sheet)
    console.print(ABOUT_CHILDREN, style="yellow")
    _write(console, json_file, lambda: as_json(evaluation))
    _write(console, html_file, lambda: as_html(evaluation).encode("utf-8", "backslashreplace"))


def _bar(console: Console, what: str) -> Progress:
    parts = (TextColumn(what), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    return Progress(*parts, TimeElapsedColumn(), TimeRemainingColumn(), console=console)


def _show_acquisition(console: Console, acquisition: Acquisition) -> None:
    _show(console, acquisition_sheet(acquisition))
    problems = problem_sheet(acquisition)
    if problems is None:
        return
    shown = problems.rows[:_MOST_FILES_SHOWN]
    hidden = len(problems.rows) - len(shown)
    note = f"and {hidden} more: --json or --html lists them all" if hidden else ""
    _show(console, Sheet(problems.title, problems.columns, shown, note))


def _show(console: Console, sheet: Sheet) -> None:
    table = Table(title=escape(sheet.title), title_justify="left")
    for column in sheet.columns:
        table.add_column(escape(column), overflow="fold")
    for row in sheet.rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
    if sheet.note:
        console.print(escape(sheet.note), style="dim")


def _require_writable(target: Path | None) -> None:
    """Said before minutes of work, not after."""
    if target is None:
        return
    folder = target.absolute().parent
    if target.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise ConfigError(f"{target} cannot be written", "Name a file in a folder that exists and is yours")


def _write(console: Console, target: Path | None, made: Callable[[], bytes]) -> None:
    if target is None:
        return
    try:
        target.write_bytes(made())
    except OSError as error:
        raise ConfigError(
            f"cannot write {target}: {error.strerror}", "Free some room or name another file"
        ) from error
    console.print(f"wrote {escape(str(target))}", soft_wrap=True)
