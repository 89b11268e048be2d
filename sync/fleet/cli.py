"""`qaqpa-hub simulate-fleet`."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from edge.errors import ConfigError
from sync import logs
from sync.fleet import local
from sync.fleet.authority import certify, names
from sync.fleet.fleet import Progress as Told
from sync.fleet.gate import Gate
from sync.fleet.killing import Killing
from sync.fleet.ports import allow_open_files
from sync.fleet.report import Report
from sync.fleet.run import Load, run
from sync.hub.ca import CertificateAuthority
from sync.hub.settings import DatabaseField
from sync.identity import Identity
from sync.process import EXIT_FAILED, stop_on_signal
from sync.settings import BrokerSettings, TlsSettings

console = Console(stderr=True)
_T = TypeVar("_T")


def simulate_fleet(
    *,
    gates: Annotated[int, typer.Option(min=1, max=100_000, help="Gates, ten at each school.")] = 100,
    events_per_s: Annotated[float, typer.Option(min=0.1, help="Passages of all gates together.")] = 50.0,
    seconds: Annotated[float, typer.Option(min=1, help="How long children pass.")] = 20.0,
    local_district: Annotated[
        bool,
        typer.Option("--local", help="Start brokers, PostgreSQL and workers here, in a temporary folder."),
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="With --local: ingest processes.")] = 2,
    kill_node_after: Annotated[
        float | None,
        typer.Option(
            min=0.1, metavar="SECONDS", help="With --local: then one broker node is killed with -9."
        ),
    ] = None,
    brokers: Annotated[str, typer.Option(help="HOST:PORT,HOST:PORT,... of a running cluster.")] = "",
    ca: Annotated[Path | None, typer.Option(help="The authority of that cluster's district.")] = None,
    fleet: Annotated[Path, typer.Option(help="Where the gates' certificates are kept.")] = Path("fleet"),
    prepare: Annotated[bool, typer.Option(help="Only make the certificates.")] = False,
    database: Annotated[str, typer.Option(help="Also look whether all is stored, once, in this one.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The numbers only, as JSON.")] = False,
) -> None:
    """Let many gates connect and children pass; ends with 1 if an event was lost."""
    if kill_node_after is not None and not (local_district and kill_node_after < seconds):
        raise ConfigError("--kill-node-after has no node to kill", "Give --local, and less than --seconds")
    identities, load = names(gates), Load(events_per_s, seconds, _database(database))
    with _told(quiet=as_json) as told:
        if local_district:
            report = _here(identities, load, workers, told, kill_node_after)
        else:
            tls = _certified(_authority(ca), fleet, identities, told)
            if prepare:
                return
            report = run(_gates(identities, _brokers(brokers), tls, told), load, told, stop_on_signal())
    _show(report, as_json=as_json)
    if not report.good:
        raise typer.Exit(EXIT_FAILED)


def _here(
    identities: list[Identity], load: Load, workers: int, told: Told, kill_after: float | None
) -> Report:
    stop = stop_on_signal()
    allow_open_files(len(identities))
    with tempfile.TemporaryDirectory(prefix="qaqpa-district-") as name:
        folder = Path(name)
        authority = local.Authority.create(folder / "ca")
        tls = _certified(authority.authority, folder / "fleet", identities, told)
        told("starting brokers, database and workers", 0, 1)
        with local.running(folder, authority, identities, workers) as district:
            gates = _gates(identities, district.broker, tls, told)
            load = Load(load.per_second, load.seconds, district.database)
            if kill_after is None:
                return run(gates, load, told, stop)
            with Killing(district.nodes[0], kill_after) as killing:
                report = run(gates, load, told, stop, killing.start)
            return replace(report, killed=killing.done)


def _authority(folder: Path | None) -> CertificateAuthority:
    if folder is None:
        raise ConfigError("no district is named", "Give --ca and --brokers, or --local to start one here")
    authority = CertificateAuthority.open(folder)
    if not authority.district:
        raise ConfigError(f"{folder} is one school's", "Make one with: qaqpa-hub ca init --district")
    return authority


def _brokers(text: str) -> BrokerSettings:
    try:
        return BrokerSettings(hosts=tuple(text.split(",")))
    except ValidationError as error:
        raise ConfigError("--brokers cannot be read", "Write HOST:PORT,HOST:PORT,...") from error


def _certified(
    authority: CertificateAuthority, folder: Path, identities: list[Identity], told: Told
) -> list[TlsSettings]:
    return list(_counted(certify(authority, folder, identities), len(identities), told))


def _gates(
    identities: list[Identity], broker: BrokerSettings, tls: list[TlsSettings], told: Told
) -> list[Gate]:
    pairs = zip(identities, tls, strict=True)
    return list(_counted((Gate(each, broker, its) for each, its in pairs), len(identities), told, "gates"))


def _counted(items: Iterable[_T], total: int, told: Told, what: str = "certificates") -> Iterator[_T]:
    for number, each in enumerate(items, 1):
        told(what, number, total)
        yield each


def _database(text: str) -> Path | str | None:
    if not text:
        return None
    try:
        checked: Path | str = TypeAdapter[Path | str](DatabaseField).validate_python(text)
    except ValidationError as error:
        raise ConfigError("--database cannot be used", error.errors()[0]["msg"]) from error
    return checked


@contextmanager
def _told(*, quiet: bool) -> Iterator[Told]:
    """A line with a bar; another one for each thing that goes on."""
    logs.only_errors()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=quiet) as progress:
        tasks = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield tell


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.values()))
        return
    table = Table("what", "value")
    for name, value in report.values().items():
        table.add_row(name.replace("_", " "), "not looked at" if value is None else str(value) or "-")
    Console().print(table)
