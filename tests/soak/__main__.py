"""`make soak MINUTES=3`: every event arrives once, although something fails every ten seconds."""

import argparse
import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.soak.soak import Outcome, soak
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
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="the hub's database as its configuration names it")
    parser.add_argument("--out", type=Path, default=Path("build/soak"))
    arguments = parser.parse_args()
    shutil.rmtree(arguments.out, ignore_errors=True)
    with Town(arguments.out.absolute(), arguments.gates, arguments.rate, arguments.database) as town:
        outcome = soak(town, arguments.minutes * 60, arguments.every, arguments.seed, console.print)
    show(outcome)
    return 0 if outcome.good else 1


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
