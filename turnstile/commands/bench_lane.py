"""`qaqpa-gate bench-lane`: how many people a minute this machine lets through, and what they wait."""

import logging
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import numpy as np
import structlog
import typer
from rich.console import Console
from rich.table import Table

from edge.vision.engine_choice import EngineName
from turnstile.simulation.queue import Visit
from turnstile.simulation.rehearsal import Plan, Rehearsed, rehearse
from turnstile.simulation.walks import SHIPPED, read_walkers

console = Console(highlight=False)


def bench_lane(
    *,
    people: Annotated[int, typer.Option(min=1, max=100_000, help="How many walk up to each lane.")] = 300,
    per_minute: Annotated[float, typer.Option(min=1, max=600, help="How many arrive in a minute.")] = 60,
    fps: Annotated[float, typer.Option(min=1, max=120, help="Frames a second of the camera.")] = 15,
    lanes: Annotated[int, typer.Option(min=1, max=16, help="Lanes at once, a process each.")] = 1,
    passage: Annotated[float, typer.Option(min=0.1, max=10, help="Seconds in the turnstile.")] = 0.6,
    engine: Annotated[EngineName, typer.Option(help="Recognition engine.")] = EngineName.SFACE,
    walks: Annotated[
        Path, typer.Option(help="Folder with PERSON/approach/*.jpg and PERSON/enrol_*.jpg.")
    ] = SHIPPED,
) -> None:
    """Rehearse a rush at the gate in real time: rendered people walk up, the real gate decides on each.

    Camera and turnstile are simulated; detection, tracking, quality, presentation attack detection, search,
    decision, outbox and audit trail are those of a gate. Every eighth person of the folder is not enrolled.
    """
    read_walkers(walks)
    plan = Plan(walks, people, per_minute, fps, passage, engine)
    expected = people * 60 / per_minute
    with (
        console.status(f"{people} people walk up to {lanes} lane(s): about {expected:.0f} s"),
        ProcessPoolExecutor(lanes, mp_context=get_context("spawn"), initializer=quiet) as pool,
    ):
        results = list(pool.map(rehearse, [plan] * lanes))
    console.print(_table(results, plan))


def quiet() -> None:
    """Log what goes wrong only: what a lane does is counted, not told."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def _table(results: list[Rehearsed], plan: Plan) -> Table:
    """One column a lane."""
    first = results[0]
    checks = "all checks" if first.networks else "without the networks, which are not installed"
    table = Table(
        title=f"{plan.people} people, {plan.per_minute:g} a minute, {plan.fps:g} frames a second\n"
        f"{plan.engine.value}, {first.enrolled} enrolled; presentation attack detection: {checks}"
    )
    table.add_column("")
    for number in range(len(results)):
        table.add_column(f"lane {number + 1}", justify="right")
    columns = [_figures(result) for result in results]
    for name in columns[0]:
        table.add_row(name, *(column[name] for column in columns))
    return table


def _figures(result: Rehearsed) -> dict[str, str]:
    known = [visit for visit in result.visits if visit.arrival.enrolled]
    strangers = [visit for visit in result.visits if not visit.arrival.enrolled]
    granted = [visit for visit in known if _granted(visit)]
    let_in = sum(_granted(visit) for visit in strangers)
    return {
        "people passed a minute": f"{60 * result.passed / result.seconds:.1f}",
        "enrolled, recognised": f"{len(granted)} of {len(known)}",
        "enrolled, refused": _reasons(known),
        "not enrolled, refused": f"{len(strangers) - let_in} of {len(strangers)}",
        "in view until recognised, s (median, 95 %)": _spread([visit.decided for visit in granted]),
        "waited in the queue, s (median, 95 %)": _spread([visit.waited for visit in result.visits]),
        "frames until a verdict (median, 95 %)": _spread([float(v.decisions) for v in result.visits], ".0f"),
        "frames lost": f"{result.shown - result.given} of {result.shown}",
        "processor, of one core": f"{100 * result.cpu / result.seconds:.0f} %",
    }


def _reasons(visits: list[Visit]) -> str:
    """How many were refused, and why."""
    counted = Counter(
        "gave_up" if visit.reason is None else visit.reason.value for visit in visits if not _granted(visit)
    )
    why = ", ".join(f"{reason} {count}" for reason, count in counted.most_common())
    return f"{counted.total()}" + (f" ({why})" if why else "")


def _granted(visit: Visit) -> bool:
    return visit.reason is not None and visit.reason.grants


def _spread(values: list[float], form: str = ".2f") -> str:
    if not values:
        return "-"
    median, high = np.percentile(values, [50, 95])
    return f"{median:{form}}, {high:{form}}"
