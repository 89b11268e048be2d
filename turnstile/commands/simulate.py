"""`qaqpa-gate simulate`: a whole day at the gate, replayed from a file in a minute or two."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from turnstile.simulation.replay import Replayed, replay
from turnstile.simulation.scenario import Scenario, load_scenario
from turnstile.simulation.tally import expected_rows, in_order
from turnstile.simulation.walks import SHIPPED

console = Console(highlight=False)


def simulate(
    *,
    scenario: Annotated[Path, typer.Option(help="The day to play; docs/scenarios.md says how to write one.")],
    walks: Annotated[
        Path, typer.Option(help="Folder with PERSON/approach/*.jpg and PERSON/enrol_*.jpg.")
    ] = SHIPPED,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json", dir_okay=False, writable=True, help="Also write the result, and every single try, here."
        ),
    ] = None,
) -> None:
    """Replay a day at the gate from a file, and compare what lies on the disk afterwards with it.

    Everything is the product but the hardware and the clock: vault, recognition, presentation attack
    detection, cards, QR passes, rules, state machine, staff's socket, outbox and audit trail. Rendered people
    walk up to simulated cameras and turnstiles. The exit code is 1 where the table differs, or where a
    promise was broken: nobody passes without a grant, each grant ends, leaving is free, and only a person
    ends a fire.

    Try: qaqpa-gate simulate --scenario tests/scenarios/school_day.toml
    """
    script = load_scenario(scenario)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with TemporaryDirectory(prefix="qaqpa-day-") as folder, _progress(script) as told:
        result = replay(script, walks, Path(folder), told)
    if json_file is not None:
        json_file.write_text(json.dumps(_as_json(script, result), indent=1) + "\n", "utf-8")
    console.print(_table(script, result))
    _tell(result)
    if not result.as_expected:
        raise typer.Exit(1)


@contextmanager
def _progress(script: Scenario) -> Iterator[Callable[[int], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("enrolling", total=script.passages)
        yield lambda passages: bar.update(task, completed=passages, description="passages")


def _table(script: Scenario, result: Replayed) -> Table:
    """One row an outcome; rows that differ are marked."""
    expected = expected_rows(script)
    table = Table(title=f"{script.title}: {result.passages} passages")
    for name in ("lane", "what", "how or why"):
        table.add_column(name)
    for name in ("expected", "found", ""):
        table.add_column(name, justify="right")
    for row in in_order({*expected, *result.found}):
        wanted, found = expected[row], result.found[row]
        mark = "[green]✓[/]" if wanted == found else "[red]✗[/]"
        table.add_row(row.lane, _words(row.what), _words(row.how), str(wanted), str(found), mark)
    return table


def _words(name: str) -> str:
    return name.replace("_", " ")


def _tell(result: Replayed) -> None:
    if result.left_out:
        console.print(
            f"Without these checks, whose networks are not installed: {', '.join(result.left_out)}."
        )
    for difference in result.differences:
        console.print(f"[red]✗[/] expected.{difference}")
    for promise in result.broken:
        console.print(f"[red]✗[/] {promise}")
    if result.as_expected:
        console.print("[green]✓[/] As the file says, and every promise was kept.")
    elif result.differences:
        console.print("Every single try, with its time and reason, is in the file of --json.")


def _as_json(script: Scenario, result: Replayed) -> dict[str, object]:
    """For other programs: the table, what is wrong, and each try in the order of the day."""
    expected = expected_rows(script)
    return {
        "title": script.title,
        "passages": result.passages,
        "as_expected": result.as_expected,
        "checks_left_out": list(result.left_out),
        "rows": [
            {
                "lane": row.lane,
                "what": row.what,
                "how": row.how,
                "expected": expected[row],
                "found": result.found[row],
            }
            for row in in_order({*expected, *result.found})
        ],
        "broken": result.broken,
        "tries": [
            {
                "at": tried.at.isoformat(timespec="seconds"),
                "who": tried.name,
                "lane": tried.way,
                "shows": tried.shows,
                "reason": tried.reason,
            }
            for tried in result.tries
        ],
    }
