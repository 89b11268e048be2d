"""One table for all benchmarks: what, ours, the peer or limit, the ratio, and whether it holds."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` is peer / ours for a peer and limit / ours for a limit: it must be at least `least`."""

    what: str
    ours: float
    peer: float
    unit: str
    against: str
    least: float = 1.0

    @property
    def ratio(self) -> float:
        """How many times better than the peer or the limit."""
        return self.peer / self.ours

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return self.ratio >= self.least


def median_ms(work: Callable[[], object], runs: int, warm_up: int = 2) -> float:
    """Median wall time of one call in milliseconds."""
    for _ in range(warm_up):
        work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def print_rows(rows: list[Row]) -> None:
    """The table on the terminal."""
    table = Table(
        "", "ours", "against", "", "times better", "goal", title="Benchmarks (medians, this machine)"
    )
    for row in rows:
        colour = "green" if row.holds else "red bold"
        table.add_row(
            row.what,
            f"{row.ours:.2f} {row.unit}",
            f"{row.peer:.2f} {row.unit}",
            row.against,
            f"[{colour}]{row.ratio:.2f}[/]",
            f"≥ {row.least:g}",
        )
    Console(width=120).print(table)
