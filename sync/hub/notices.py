"""The queue of messages that guardians are owed; it lives in the database and survives everything."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, or_, select, update

from edge.domain.events import Direction
from sync.hub import schema
from sync.hub.database import Database


class NoticeState(StrEnum):
    """A notice waits until it is delivered, or until its event is too old to be news."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    EXPIRED = "expired"


_CLOCKS_AGREE = timedelta(minutes=1)
_WAITS = schema.notice.c.state == NoticeState.WAITING.value


@dataclass(frozen=True, slots=True)
class Notice:
    """One message that one guardian is owed; its repr shows no personal data.

    `clock_synchronised` also where the hub could correct the time.
    """

    id: int
    attempts: int
    direction: Direction
    occurred: datetime
    clock_synchronised: bool
    received: datetime
    language: str
    display_name: str = field(repr=False)
    notify_url: str = field(repr=False)

    @property
    def time_certain(self) -> bool:
        """Whether `occurred` may be told to a parent."""
        return time_is_certain(self.clock_synchronised, self.occurred, self.received)

    @property
    def moment(self) -> datetime:
        """When it happened; where the gate did not know, when the hub heard of it."""
        return self.occurred if self.time_certain else self.received


Lease = Callable[[Notice], datetime | None]


def time_is_certain(known: bool, occurred: datetime, received: datetime) -> bool:
    """A gate that cannot vouch for its clock is believed where the hub's agrees."""
    return known or abs(received - occurred) <= _CLOCKS_AGREE


def hasten(connection: Connection, events: Collection[UUID], now: datetime) -> None:
    """The time of these events is certain now: their notices need not wait for it any more."""
    table = schema.notice
    if events:
        connection.execute(
            update(table)
            .where(table.c.event == bindparam("which"), _WAITS, table.c.attempts == 0)
            .values(next_try=now),
            [{"which": each} for each in events],
        )


class NoticeQueue:
    """Reads and marks notices. Raises SyncRetryable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime, limit: int, busy: Collection[int] = ()) -> list[Notice]:
        """Notices whose time has come, oldest first, except those that are being sent."""
        with self._database.read() as connection:
            return _found(connection, _due(now, limit, busy))

    def claim(self, now: datetime, limit: int, busy: Collection[int], lease: Lease) -> list[Notice]:
        """Due notices that nobody else gets before their lease ends: `lease` says when, None if never.

        So a crash or a full disk after the sending repeats a message later, never in a tight loop.
        """
        query = _due(now, limit, busy).with_for_update(of=schema.notice, skip_locked=True)
        with self._database.write() as connection:
            claimed = []
            for notice in _found(connection, query):
                ends = lease(notice)
                if ends is None:
                    _mark(connection, notice.id, state=NoticeState.EXPIRED.value)
                else:
                    _mark(connection, notice.id, attempts=schema.notice.c.attempts + 1, next_try=ends)
                    claimed.append(notice)
        return claimed

    def delivered(self, notice: int, now: datetime, *, late: bool) -> None:
        """The guardian has it."""
        with self._database.write() as connection:
            _mark(connection, notice, state=NoticeState.DELIVERED.value, delivered_at=now, late=late)

    def postpone(self, notice: int, next_try: datetime) -> None:
        """It did not work; try again then."""
        with self._database.write() as connection:
            _mark(connection, notice, next_try=next_try)


def _due(now: datetime, limit: int, busy: Collection[int]) -> Select[Any]:
    notice, event, guardian, child = schema.notice, schema.event, schema.guardian, schema.child
    return (
        select(
            notice.c.id,
            notice.c.attempts,
            event.c.direction,
            event.c.occurred,
            or_(event.c.clock_synchronised, event.c.corrected),
            event.c.received,
            guardian.c.language,
            child.c.display_name,
            guardian.c.notify_url,
        )
        .join(event, notice.c.event == event.c.id)
        .join(guardian, notice.c.guardian == guardian.c.id)
        .join(child, guardian.c.child == child.c.id)
        .where(_WAITS, notice.c.next_try <= now, notice.c.id.not_in(busy))
        .order_by(notice.c.next_try, notice.c.id)
        .limit(limit)
    )


def _found(connection: Connection, query: Select[Any]) -> list[Notice]:
    return [
        Notice(id_, attempts, Direction(direction), *rest)
        for id_, attempts, direction, *rest in connection.execute(query).all()
    ]


def _mark(connection: Connection, notice: int, **values: object) -> None:
    connection.execute(update(schema.notice).where(schema.notice.c.id == notice).values(**values))
