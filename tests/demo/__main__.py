"""`make demo`: a school morning with the real processes, played live, checked at the end."""

import argparse
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.demo.outcome import GRANTS, Check, Latency, Results, compare, latencies, wait_until_delivered
from tests.demo.play import Player
from tests.demo.processes import ROOT, DemoFailed, Service, says
from tests.demo.receiver import Notice, Phones
from tests.demo.report import write_report
from tests.demo.scenario import Scenario, load_scenario
from tests.demo.school import School, enrol_everyone, found_school
from tests.demo.stage import NOBODY, Stage

console = Console(highlight=False)
PROCESSES = (
    ("qaqpa-hub", "hub", "online"),
    ("qaqpa-sync", "publisher", "online"),
    ("qaqpa-gate", "gate", "ready"),
)
"""Command, configuration, and the log line that says it is ready; the gate comes last."""


def main() -> int:
    """Play a scenario; 0 only if everything was as its script says."""
    arguments = _arguments()
    scenario = load_scenario(arguments.scenario)
    folder = arguments.out / "school"
    shutil.rmtree(folder, ignore_errors=True)
    console.rule(f"[bold]{scenario.title}[/]")
    try:
        results = _play(folder, scenario, arguments.out / "report.html")
    except DemoFailed as error:
        console.print(f"[red bold]The demo failed:[/] {error}")
        return 1
    _print_tables(results.checks, results.times)
    console.print(f"\nReport: {arguments.out / 'report.html'}")
    console.print(
        "[green bold]Everything went as scripted.[/]" if results.good else "[red bold]It differs.[/]"
    )
    return 0 if results.good else 1


def _play(folder: Path, scenario: Scenario, report: Path) -> Results:
    with ExitStack() as open_things:
        phones = Phones(_ring)
        open_things.callback(phones.close)
        school = found_school(folder, scenario, phones.port)
        open_things.enter_context(school.broker)
        console.print(f"broker: [bold]{type(school.broker).__name__}[/], one certificate for each process")
        _enrol(school, scenario)
        Stage(school.stage).show(NOBODY)
        for name, process, ready in PROCESSES:
            service = Service(folder, name, "run", "--config", school.config(process))
            open_things.callback(service.stop)
            service.wait_for(says(ready), ready)
        morning = Player(school, service, console.print).play(scenario)
        wanted = sum(arrival.reason in GRANTS for arrival in morning.arrivals)
        wait_until_delivered(school, phones.notices, wanted)
        checks, times = compare(school, morning, phones.notices), latencies(morning, phones.notices)
        results = Results(scenario.title, morning, phones.notices, checks, times)
        write_report(report, results)
        return results


def _enrol(school: School, scenario: Scenario) -> None:
    with console.status("enrolling") as status:
        enrol_everyone(school, scenario, lambda pupil: status.update(f"kiosk: consent and face of {pupil}"))
    console.print(
        f"kiosk: {len(scenario.roster)} pupils on the roster, {len(scenario.consenting)} with consent"
    )


def _ring(notice: Notice) -> None:
    console.print(f"      [cyan]phone of {notice.guardian}'s parent:[/] {notice.text}")


def _print_tables(checks: list[Check], times: list[Latency]) -> None:
    table = Table("", "expected", "got", title="The morning in numbers")
    for check in checks:
        colour = "green" if check.good else "red bold"
        table.add_row(check.what, str(check.expected), f"[{colour}]{check.got}[/]")
    console.print(table)
    table = Table("", "n", "50 %", "95 %", "99 %", title="Latency in ms")
    for latency in times:
        shares = [latency.percentile(share) for share in (50, 95, 99)]
        table.add_row(latency.what, str(len(latency.values)), *shares)
    console.print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument(
        "--scenario",
        type=Path,
        default=ROOT / "tests/scenarios/school_morning.toml",
        help="the script to play",
    )
    parser.add_argument("--out", type=Path, default=ROOT / "build/demo", help="where files and report go")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
