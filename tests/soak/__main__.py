"""`make soak MINUTES=3`: every event arrives once, although something fails every ten seconds."""

import argparse
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sync.hub.migrate import upgrade
from tests.postgres import Cluster, find_binaries
from tests.soak.soak import Outcome, leave_without_database, soak
from tests.soak.town import Town

COLUMNS = ("sent", "stored", "lost")
console = Console(highlight=False)


def main() -> int:
    """0 only if nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two faults")
    parser.add_argument("--gates", type=int, default=3)
    parser.add_argument("--rate", type=float, default=20.0, help="events a second at each gate")
    parser.add_argument("--database-away", type=float, default=0.0, help="minutes without a database, before")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sqlite", action="store_true", help="a hub on SQLite, although PostgreSQL is here")
    parser.add_argument("--out", type=Path, default=Path("build/soak"))
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # nothing is left running
    shutil.rmtree(arguments.out, ignore_errors=True)
    binaries = None if arguments.sqlite else find_binaries()
    console.print(f"the hub's database: {'PostgreSQL' if binaries else 'SQLite'}")
    with ExitStack() as stack:
        cluster, database = None, ""
        if binaries is not None:
            cluster, database = stack.enter_context(served(binaries))
        place, gates, rate = arguments.out.absolute(), arguments.gates, arguments.rate
        town = stack.enter_context(Town(place, gates, rate, cluster=cluster, database=database))
        kept = arguments.database_away == 0 or leave_without_database(
            town, arguments.database_away * 60, console.print
        )
        outcome = soak(town, arguments.minutes * 60, arguments.every, arguments.seed, console.print)
    show(outcome)
    return 0 if outcome.good and kept else 1


@contextmanager
def served(binaries: Path) -> Iterator[tuple[Cluster, str]]:
    """A PostgreSQL server of its own with an empty hub's database, and its name; both go at the end."""
    cluster = Cluster(binaries)
    try:
        cluster.start()
        with cluster.database() as name:
            upgrade(cluster.url(name))
            yield cluster, name
    finally:
        cluster.remove()


def show(outcome: Outcome) -> None:
    """The table at the end."""
    table = Table("gate", *COLUMNS, title="Every event arrives once")
    for line in outcome.lines:
        table.add_row(line.gate, str(line.sent), str(line.stored), str(line.lost))
    console.print(table)
    faults = ", ".join(f"{what}: {times}" for what, times in sorted(outcome.faults.items()))
    console.print(f"faults: {faults or 'none'}")
    console.print(f"duplicates removed: {outcome.duplicates}; missing numbers: {outcome.missing}")
    sent, stored, lost = (sum(getattr(line, name) for line in outcome.lines) for name in COLUMNS)
    sign = "=" if sent == stored else "≠"
    console.print(f"[bold]sent {sent} {sign} stored {stored}, {lost} lost, {outcome.waiting} waiting[/]")


if __name__ == "__main__":
    sys.exit(main())
