"""In PostgreSQL, `event` has one partition for each month, so that old months can be archived as a whole.

The month is the one in the event's own id, a UUID of version 7 (RFC 9562): it is given once, at the gate, and
no correction of a time ever moves a row. The partition key is the id itself, so that the primary key holds
over all partitions: an event cannot be there twice, in whatever month it comes again. Ids of other
months, of a gate whose clock is years wrong or of another version of UUID, go to the partition OTHER; a
month of which OTHER holds rows already stays there.
"""

from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import Connection, Uuid, bindparam, text

from sync.hub import dialect

OTHER = "event_other"
AHEAD = 3
"""Months that are made before they begin: a worker may be off for so long."""


def months(today: date, back: int, ahead: int) -> list[date]:
    """The first days of the months from `back` before this one to `ahead` after it."""
    this = today.year * 12 + today.month - 1
    return [date(count // 12, count % 12 + 1, 1) for count in range(this - back, this + ahead + 1)]


def first_id(month: date) -> UUID:
    """No id of this month is smaller, every one of an earlier month is."""
    begin = datetime.combine(month, time.min, UTC)
    return UUID(int=int(begin.timestamp() * 1000) << 80)


def keep_ahead(connection: Connection, today: date) -> None:
    """Make the partitions of the last, this and the next months; any number of workers may, at once."""
    if not dialect.is_postgresql(connection):
        return
    wanted = [month for month in months(today, 1, AHEAD) if not _exists(connection, month)]
    if wanted:
        dialect.lock(connection, "partitions")
    for month in wanted:
        if not _exists(connection, month):
            create(connection, month)


def create(connection: Connection, month: date) -> None:
    """Make the partition of a month. Made apart and attached, so that readers and writers go on meanwhile."""
    if holds_any(connection, OTHER, month):
        return
    name, (begin, end) = _name(month), _bounds(month)
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE event INCLUDING ALL)")
    connection.exec_driver_sql(
        f"ALTER TABLE event ATTACH PARTITION {name} FOR VALUES FROM ('{begin}') TO ('{end}')"
    )


def holds_any(connection: Connection, table: str, month: date) -> bool:
    """Whether this table has events of the month."""
    begin, end = _bounds(month)
    found = text(f"SELECT 1 FROM {table} WHERE id >= :begin AND id < :end LIMIT 1").bindparams(  # noqa: S608 # our own names
        bindparam("begin", begin, Uuid), bindparam("end", end, Uuid)
    )
    return connection.execute(found).first() is not None


def _bounds(month: date) -> tuple[UUID, UUID]:
    return first_id(month), first_id(months(month, 0, 1)[-1])


def _exists(connection: Connection, month: date) -> bool:
    return connection.execute(text("SELECT to_regclass(:name)"), {"name": _name(month)}).scalar() is not None


def _name(month: date) -> str:
    return f"event_{month:%Y_%m}"
