"""The hub forgets: events, what was owed for them, and messages that nobody understood, after their terms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, select

from edge.errors import QaqpaError
from sync.hub import schema
from sync.hub.database import Database
from sync.hub.settings import RetentionSettings

_ALWAYS_FEW = 100
"""So many events are never a whole school's."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many are due of how many, and what speaks against erasing them unasked."""

    events: int
    events_at_all: int
    notices: int
    quarantined: int
    doubts: tuple[str, ...]


class Retention:
    """Keeps the terms of one database. Raises SyncRetryable."""

    def __init__(
        self, database: Database, settings: RetentionSettings, synchronised: Callable[[], bool]
    ) -> None:
        self._database = database
        self._settings = settings
        self._synchronised = synchronised

    def plan(self, now: datetime) -> Plan:
        """What a run would erase now. Nothing is changed."""
        with self._database.read() as connection:
            return self._plan(connection, now)

    def run(self, now: datetime, *, confirmed: bool) -> Plan:
        """Erase what is due, all in one transaction. Raises QaqpaError where only a person can say go on."""
        with self._database.write() as connection:
            plan = self._plan(connection, now)
            if plan.doubts and not confirmed:
                raise QaqpaError(
                    f"nothing was erased: {'; '.join(plan.doubts)}",
                    "Look at the clock and at qaqpa-hub retention plan;"
                    " if both are right: qaqpa-hub retention run --yes",
                )
            old = self._old_events(now)
            old_ids = select(schema.event.c.id).where(old)
            connection.execute(delete(schema.notice).where(schema.notice.c.event.in_(old_ids)))
            connection.execute(delete(schema.event).where(old))
            connection.execute(delete(schema.quarantine).where(self._old_messages(now)))
        return plan

    def _plan(self, connection: Connection, now: datetime) -> Plan:
        old = self._old_events(now)
        old_ids = select(schema.event.c.id).where(old)
        events = _count(connection, schema.event.c.id, old)
        at_all = _count(connection, schema.event.c.id)
        notices = _count(connection, schema.notice.c.id, schema.notice.c.event.in_(old_ids))
        quarantined = _count(connection, schema.quarantine.c.id, self._old_messages(now))
        return Plan(events, at_all, notices, quarantined, tuple(self._doubts(events, at_all)))

    def _doubts(self, events: int, at_all: int) -> list[str]:
        doubts = [] if self._synchronised() else ["no time service has set the clock"]
        percent = self._settings.share_percent
        if events > _ALWAYS_FEW and events * 100 > at_all * percent:
            doubts.append(f"{events} of {at_all} events are due, more than {percent} percent")
        return doubts

    def _old_events(self, now: datetime) -> ColumnElement[bool]:
        """By when the hub heard of them, for a gate's clock may have been wrong by years, either way."""
        return schema.event.c.received <= now - timedelta(days=self._settings.events_days)

    def _old_messages(self, now: datetime) -> ColumnElement[bool]:
        return schema.quarantine.c.received <= now - timedelta(days=self._settings.quarantine_days)


def _count(connection: Connection, column: ColumnElement[object], *where: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count(column)).where(*where)).scalar_one()
