"""Events that another system has not taken yet: in the database since the transaction that stored the event.

Each gate has its own line, in the order of the gate's numbers, and one POST under way at a time. A POST that
failed is repeated with the same events under the same id until it is taken or given up.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, func, select, update
from sqlalchemy import Row as Found

from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Uptime
from edge.domain.ids import Slug, uuid7
from sync.hub import dialect
from sync.hub.database import Database
from sync.hub.schema import event, outbox, webhook
from sync.rows import Row


class QueueState(StrEnum):
    """Waiting until taken, or given up after the term; only a person brings it back from there."""

    WAITING = "waiting"
    GIVEN_UP = "given up"


LARGEST = 500
"""Events in one POST at most, whatever the setting says."""
_WAITS = webhook.c.state == QueueState.WAITING.value
_ORDER = (outbox.c.first_seen, webhook.c.outbox, webhook.c.number)
"""A new card begins at 1 again: what an older outbox still holds comes first."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One POST: some events of one gate; `id` stays the same however often it is tried."""

    id: UUID
    gate: str
    attempts: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """For status and monitor; `oldest` is when the oldest waiting event was queued."""

    waiting: int
    oldest: datetime | None
    given_up: int


def put(connection: Connection, rows: Sequence[Row], now: datetime) -> None:
    """Queue new events, in the transaction that stores them."""
    values = [
        {
            "event": row.event.id,
            "gate": row.event.gate.value,
            "outbox": row.outbox,
            "number": row.number,
            "state": QueueState.WAITING.value,
            "attempts": 0,
            "queued": now,
            "next_try": now,
        }
        for row in rows
    ]
    dialect.append(connection, webhook, values)


def counts(database: Database) -> QueueCounts:
    """How much waits. Raises SyncRetryable."""
    with database.read() as connection:
        waiting, oldest = connection.execute(
            select(func.count(), func.min(webhook.c.queued)).where(_WAITS)
        ).one()
        given_up = connection.execute(select(func.count()).select_from(webhook).where(~_WAITS)).scalar_one()
    return QueueCounts(waiting, oldest, given_up)


class WebhookQueue:
    """Takes from the queue and marks. Raises SyncRetryable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime, lease: timedelta, size: int, gates: Collection[str] = ()) -> Batch | None:
        """The next due POST of a gate that is not among `gates`; until the lease ends nobody else gets it."""
        with self._database.write() as connection:
            dialect.lock(connection, "webhook")
            for gate in _due_gates(connection, now, gates):
                batch = _head(connection, gate, size)
                _mark(
                    connection, webhook.c.batch == batch.id, next_try=now + lease, attempts=batch.attempts + 1
                )
                return batch
        return None

    def taken(self, batch: Batch) -> None:
        """The other system has them."""
        with self._database.write() as connection:
            taken = [row.event.id for row in batch.rows]
            connection.execute(delete(webhook).where(webhook.c.event.in_(taken)))

    def postpone(self, batch: Batch, next_try: datetime) -> None:
        """It did not work; the whole gate waits, so that its order is kept."""
        with self._database.write() as connection:
            _mark(connection, webhook.c.batch == batch.id, next_try=next_try)

    def give_up(self, queued_before: datetime) -> int:
        """Waiting events that were queued before are put aside; returns how many."""
        with self._database.write() as connection:
            old = (_WAITS, webhook.c.queued < queued_before)
            number: int = connection.execute(
                update(webhook).where(*old).values(state=QueueState.GIVEN_UP.value)
            ).rowcount
        return number

    def retry(self, now: datetime) -> int:
        """A person repaired the other side: everything is due now, with a new term; returns how many."""
        with self._database.write() as connection:
            number: int = connection.execute(
                update(webhook).values(state=QueueState.WAITING.value, attempts=0, queued=now, next_try=now)
            ).rowcount
        return number


def _due_gates(connection: Connection, now: datetime, busy: Collection[str]) -> list[str]:
    """Gates with something to send of which nothing is under way or waits for another try."""
    query = (
        select(webhook.c.gate)
        .where(_WAITS, webhook.c.gate.not_in(busy))
        .group_by(webhook.c.gate)
        .having(func.max(webhook.c.next_try) <= now)
        .order_by(func.min(webhook.c.queued), webhook.c.gate)
    )
    return list(connection.scalars(query))


def _head(connection: Connection, gate: str, size: int) -> Batch:
    """The POST that was begun, else a new one of the gate's first events."""
    begun = _first(connection, LARGEST, webhook.c.gate == gate, webhook.c.batch.is_not(None))
    if begun:
        id_ = begun[0].batch
        rows = [each for each in begun if each.batch == id_]
        return Batch(id_, gate, rows[0].attempts, tuple(_row(each) for each in rows))
    rows, id_ = _first(connection, size, webhook.c.gate == gate), uuid7()
    _mark(connection, webhook.c.event.in_([each.id for each in rows]), batch=id_)
    return Batch(id_, gate, 0, tuple(_row(each) for each in rows))


def _first(connection: Connection, size: int, *which: ColumnElement[bool]) -> list[Found[Any]]:
    query = (
        select(event, webhook.c.batch, webhook.c.attempts)
        .join(webhook, webhook.c.event == event.c.id)
        .join(outbox, (outbox.c.id == webhook.c.outbox) & (outbox.c.gate == webhook.c.gate))
        .where(_WAITS, *which)
        .order_by(*_ORDER)
        .limit(size)
    )
    return list(connection.execute(query).all())


def _mark(connection: Connection, which: ColumnElement[bool], **values: object) -> None:
    connection.execute(update(webhook).where(which, _WAITS).values(**values))


def _row(found: Found[Any]) -> Row:
    """As the gate sent it, with the time that the hub has meanwhile corrected."""
    return Row(
        found.outbox,
        found.number,
        AttendanceEvent(
            id=found.id,
            school=Slug(found.school),
            gate=Slug(found.gate),
            child=found.child,
            direction=Direction(found.direction),
            occurred=found.occurred,
            clock_synchronised=found.clock_synchronised or found.corrected,
            method=Method(found.method),
            kind=Kind(found.kind),
            uptime=None if found.boot is None else Uptime(found.boot, found.uptime),
        ),
    )
