"""Of each person and day the first entry and the last exit, by corrected times and the school's own days."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from edge.domain.events import Direction, Kind
from edge.domain.ids import ChildId
from sync.hub.database import Database
from sync.hub.notices import time_is_certain
from sync.hub.schema import child, event


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody passed on this day; `first_in` and `last_out` are None where no certain time is known.

    Where nobody could correct a gate's clock, the day is the one on which the hub heard of the passage, and
    `time_certain` is False.
    """

    child: ChildId
    day: date
    first_in: datetime | None
    last_out: datetime | None
    passages: int
    time_certain: bool


@dataclass(frozen=True, slots=True)
class _Passage:
    child: ChildId
    moment: datetime
    direction: Direction
    certain: bool


@dataclass(slots=True)
class _Tally:
    entries: list[datetime] = field(default_factory=list)
    exits: list[datetime] = field(default_factory=list)
    passages: int = 0
    certain: bool = True


def presences(database: Database, first: date, last: date, zone: ZoneInfo) -> list[Presence]:
    """Both days included, by day and person; refusals and alarms are no presence. Raises SyncRetryable."""
    tallies: dict[tuple[date, ChildId], _Tally] = {}
    for passage in _passages(database, first, last, zone):
        tally = tallies.setdefault((passage.moment.date(), passage.child), _Tally())
        tally.passages += 1
        tally.certain &= passage.certain
        if passage.certain:
            (tally.entries if passage.direction is Direction.IN else tally.exits).append(passage.moment)
    return [
        Presence(
            who,
            day,
            min(tally.entries, default=None),
            max(tally.exits, default=None),
            tally.passages,
            tally.certain,
        )
        for (day, who), tally in sorted(tallies.items())
    ]


def _passages(database: Database, first: date, last: date, zone: ZoneInfo) -> Iterable[_Passage]:
    start = datetime.combine(first, time.min, zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone)
    known = or_(event.c.clock_synchronised, event.c.corrected)
    query = select(event.c.child, event.c.direction, event.c.occurred, event.c.received, known).where(
        event.c.kind == Kind.PASSED.value,
        event.c.child.is_not(None),
        or_(event.c.occurred.between(start, end), event.c.received.between(start, end)),
    )
    with database.read() as connection:
        found = connection.execute(query).all()
    for who, direction, occurred, received, time_known in found:
        certain = time_is_certain(time_known, occurred, received)
        moment = occurred if certain else received
        if start <= moment < end:
            yield _Passage(who, moment.astimezone(zone), Direction(direction), certain)


def names(database: Database) -> dict[ChildId, str]:
    """Everybody in the directory. Raises SyncRetryable."""
    with database.read() as connection:
        return {who: name for who, name in connection.execute(select(child.c.id, child.c.display_name))}
