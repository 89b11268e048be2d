"""What the hub keeps of the gates' reports: every event once, and in the same moment who is owed a notice."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from edge.domain.events import AttendanceEvent, Kind
from edge.domain.ids import ChildId
from sync.hub import dialect, partitions, schema, webhook_queue
from sync.hub.database import Database
from sync.hub.gate_clock import believed, correct
from sync.hub.notices import NoticeState, hasten, time_is_certain
from sync.hub.sequence import note_numbers, note_repeated, too_far
from sync.rows import Row


class Store:
    """Writes what was ingested. Raises SyncRetryable."""

    def __init__(
        self,
        database: Database,
        clock_wait: timedelta = timedelta(0),
        webhook_kinds: Collection[Kind] = (),
    ) -> None:
        """`clock_wait` is how long a notice waits for a gate to learn the time.

        Events of `webhook_kinds` are queued for the webhook too.
        """
        self._database = database
        self._clock_wait = clock_wait
        self._webhook_kinds = webhook_kinds

    def prepare(self, now: datetime) -> None:
        """Before a day's events come: where they will be stored is there."""
        with self._database.write() as connection:
            partitions.keep_ahead(connection, now.date())

    def record(self, rows: Sequence[Row], now: datetime) -> int:
        """Store the events that are new and owe their guardians a notice; returns how many were new.

        All in one transaction: an event without its notices, or a notice twice, cannot be.
        """
        if not rows:
            return 0
        rows = [believed(each, now) for each in rows]
        values = [{**_values(each), "received": now} for each in rows]
        with self._database.write() as connection:
            new = dialect.insert_new_events(connection, values)
            # An event may come twice in one batch; the first was stored.
            fresh = list({each.event.id: each for each in reversed(rows) if each.event.id in new}.values())
            note_numbers(connection, rows, now)
            note_repeated(connection, rows, new)
            corrected = correct(connection, fresh)
            hasten(connection, corrected, now)
            self._owe(connection, [each.event for each in fresh], corrected, now)
            webhook_queue.put(connection, [r for r in fresh if r.event.kind in self._webhook_kinds], now)
        return len(new)

    def too_far(self, rows: Sequence[Row]) -> list[Row]:
        """Those whose number cannot be; they are not for `record`."""
        return too_far(self._database, rows)

    def _owe(
        self,
        connection: Connection,
        events: Iterable[AttendanceEvent],
        corrected: Collection[UUID],
        now: datetime,
    ) -> None:
        passed = [each for each in events if each.kind is Kind.PASSED]
        guardians = _guardians(connection, {each.child for each in passed if each.child is not None})
        notices = [
            {
                "event": each.id,
                "guardian": guardian,
                "state": NoticeState.WAITING.value,
                "attempts": 0,
                "next_try": now if _certain(each, corrected, now) else now + self._clock_wait,
            }
            for each in passed
            if each.child is not None
            for guardian in guardians.get(each.child, [])
        ]
        dialect.append(connection, schema.notice, notices)


@dataclass(frozen=True, slots=True)
class Counts:
    """For a monitor."""

    events: int
    notices_waiting: int
    quarantined: int


def counts(database: Database) -> Counts:
    """How much of what there is. Raises SyncRetryable."""
    waits = schema.notice.c.state == NoticeState.WAITING.value
    queries = (
        select(func.count()).select_from(schema.event),
        select(func.count()).select_from(schema.notice).where(waits),
        select(func.count()).select_from(schema.quarantine),
    )
    with database.read() as connection:
        return Counts(*(connection.execute(query).scalar_one() for query in queries))


def _certain(event: AttendanceEvent, corrected: Collection[UUID], now: datetime) -> bool:
    return event.id in corrected or time_is_certain(event.clock_synchronised, event.occurred, now)


def _guardians(connection: Connection, children: set[ChildId]) -> dict[ChildId, list[int]]:
    table, found = schema.guardian, dict[ChildId, list[int]]()
    if children:
        query = select(table.c.child, table.c.id).where(table.c.child.in_(children))
        for child, guardian in connection.execute(query):
            found.setdefault(child, []).append(guardian)
    return found


def _values(row: Row) -> dict[str, Any]:
    event = row.event
    return {
        "id": event.id,
        "school": event.school.value,
        "gate": event.gate.value,
        "child": event.child,
        "direction": event.direction.value,
        "occurred": event.occurred,
        "claimed": event.occurred,
        "clock_synchronised": event.clock_synchronised,
        "corrected": False,
        "method": event.method.value,
        "kind": event.kind.value,
        "outbox": row.outbox,
        "number": row.number,
        "boot": None if event.uptime is None else event.uptime.boot,
        "uptime": None if event.uptime is None else event.uptime.seconds,
    }
