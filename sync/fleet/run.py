"""One run of the fleet: connect, let children pass, wait for the hub, count."""

from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from sync.fleet.fleet import Fleet, Progress
from sync.fleet.gate import Gate
from sync.fleet.ports import allow_open_files
from sync.fleet.report import Report, count
from sync.hub.database import Database

_CONNECT_PATIENCE = 30.0
"""Without one more gate that connects. An election in the cluster takes twelve seconds."""
_CONFIRM_PATIENCE = 90.0


@dataclass(frozen=True, slots=True)
class Load:
    """How much, for how long; `database` is looked into afterwards, if it is given."""

    per_second: float
    seconds: float
    database: Path | str | None = None


def run(
    gates: Sequence[Gate],
    load: Load,
    progress: Progress,
    stop: Event,
    connected: Callable[[], object] = lambda: None,
) -> Report:
    """Calls `connected` when all gates are. Raises ConfigError, SyncRetryable for the database.

    Where no gate connects at all, raises what kept one of them from it.
    """
    allow_open_files(len(gates))
    since = datetime.now(UTC)
    fleet = Fleet(gates, progress)
    with closing(fleet):
        ready, held = fleet.connect(stop, _CONNECT_PATIENCE)
        problem = None if ready == len(gates) else fleet.why()
        if problem is not None and not ready:
            raise problem
        connected()
        seconds = fleet.run(load.per_second, load.seconds, stop)
        seconds += fleet.drain(_CONFIRM_PATIENCE, stop)
    with nullcontext() if load.database is None else closing(Database(load.database)) as database:
        report = count(gates, None if database is None else (database, since), ready, held, seconds)
    return replace(report, last_error="" if problem is None else str(problem))
