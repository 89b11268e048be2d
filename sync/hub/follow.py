"""Events as they come in: what was stored since the last look, each once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from sync.hub.attendance import Sighting, sighting
from sync.hub.database import Database
from sync.hub.schema import child, event

_OVERLAP = timedelta(seconds=30)
"""Another worker's transaction may end this long after the time that it stored as `received`."""
_LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)
_QUERY = select(event, child.c.display_name).outerjoin(child, event.c.child == child.c.id)
_ARRIVAL = (event.c.received, event.c.gate, event.c.outbox, event.c.number)
_NEWEST_FIRST = tuple(column.desc() for column in _ARRIVAL)


class Follower:
    """Begins with the newest `lines` events. Raises SyncRetryable."""

    def __init__(self, database: Database, zone: ZoneInfo, lines: int) -> None:
        self._database = database
        self._zone = zone
        with database.read() as connection:
            newest = connection.execute(_QUERY.order_by(*_NEWEST_FIRST).limit(max(lines, 1))).all()
        self._since = newest[0].received if newest else _LONG_AGO
        self._seen = {row.id: row.received for row in newest}
        self.first = [sighting(row, zone) for row in newest[:lines][::-1]]

    def look(self) -> list[Sighting]:
        """What came since the last look, in the order of arrival."""
        recent = event.c.received >= self._since - _OVERLAP
        with self._database.read() as connection:
            found = connection.execute(_QUERY.where(recent).order_by(*_ARRIVAL)).all()
        fresh = [row for row in found if row.id not in self._seen]
        self._since = max([self._since, *(row.received for row in fresh)])
        self._seen = {row.id: row.received for row in found}
        return [sighting(row, self._zone) for row in fresh]
