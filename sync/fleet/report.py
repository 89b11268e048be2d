"""What a run of the fleet showed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import quantiles
from uuid import UUID

from sqlalchemy import select

from sync.fleet.fleet import Held
from sync.fleet.gate import Gate
from sync.hub.database import Database
from sync.hub.schema import event


@dataclass(frozen=True, slots=True)
class Report:
    """Latencies are from the passage to the hub's confirmation at the gate, in milliseconds.

    `lost` counts events that were not confirmed in time or, where a database was looked into, are not there.
    `stored` and `stored_twice` are None where none was. `sent_again` are duplicates that the hub removed.
    `last_error` is why not all gates connected, `killed` which node died and when.
    """

    gates: int
    connected: int
    events: int
    confirmed: int
    lost: int
    sent_again: int
    stored: int | None
    stored_twice: int | None
    reconnects: int
    seconds: float
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    connect_seconds: float
    kilobytes_per_connection: float
    files_per_connection: float
    last_error: str = ""
    killed: str = ""

    @property
    def good(self) -> bool:
        """Every gate came, nothing is lost or stored twice."""
        return self.connected == self.gates and not self.lost and not self.stored_twice

    def values(self) -> dict[str, float | int | str | None]:
        """By name, rounded for people."""
        return {
            name: round(value, 1) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def count(
    gates: Sequence[Gate], stored_in: tuple[Database, datetime] | None, ready: int, held: Held, seconds: float
) -> Report:
    """`stored_in` is a database and when the run began. Raises SyncRetryable."""
    made = {(gate.rows.id, number) for gate in gates for number in range(1, gate.rows.number + 1)}
    waiting = {(gate.rows.id, number) for gate in gates for number in gate.rows.waiting}
    confirmed = len(made) - len(waiting)
    stored = None if stored_in is None else _stored(*stored_in, made)
    p50, p95, p99, longest = _percentiles([1000 * each for gate in gates for each in gate.rows.seconds])
    return Report(
        gates=len(gates),
        connected=ready,
        events=len(made),
        confirmed=confirmed,
        lost=len(waiting if stored is None else waiting | (made - set(stored))),
        sent_again=sum(gate.sent_again for gate in gates),
        stored=None if stored is None else len(set(stored)),
        stored_twice=None if stored is None else len(stored) - len(set(stored)),
        reconnects=sum(max(0, gate.sessions - 1) for gate in gates),
        seconds=seconds,
        per_second=confirmed / seconds if seconds else 0.0,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=longest,
        connect_seconds=held.seconds,
        kilobytes_per_connection=held.kilobytes,
        files_per_connection=held.files,
    )


def _stored(database: Database, since: datetime, ours: set[tuple[UUID, int]]) -> list[tuple[UUID, int]]:
    query = select(event.c.outbox, event.c.number).where(event.c.received >= since)
    with database.read() as connection:
        found = [(outbox, number) for outbox, number in connection.execute(query)]
    return [each for each in found if each in ours]


def _percentiles(values: Sequence[float]) -> tuple[float, float, float, float]:
    if len(values) < 2:
        only = values[0] if values else 0.0
        return only, only, only, only
    cuts = quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98], max(values)
