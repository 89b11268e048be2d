"""What the school's staff asks: who came and went on a day, who is inside now."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, not_, or_, select

from edge.domain.events import Direction, Kind, Method
from edge.domain.ids import ChildId, Slug
from sync.hub.database import Database
from sync.hub.schema import child, event

_UNCERTAIN = and_(not_(event.c.clock_synchronised), not_(event.c.corrected))


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event; `display_name` is None where the directory has no name.

    `claimed` is the time that the gate gave, `occurred` the one that counts, maybe wrong if not certain.
    """

    occurred: datetime
    claimed: datetime
    time_certain: bool
    gate: str
    direction: Direction
    method: Method
    kind: Kind
    child: ChildId | None
    display_name: str | None = field(repr=False)


def sightings(database: Database, day: date, zone: ZoneInfo, school: Slug | None = None) -> list[Sighting]:
    """The day's events, with times of the school's zone; None asks for every school. Raises SyncRetryable.

    Of each gate in the order of its numbers, whatever its clock did. An event of uncertain time stands also
    on the day on which the hub heard of it: better twice than missing from the list of who is inside.
    """
    start = datetime.combine(day, time.min, zone)
    end = datetime.combine(day + timedelta(days=1), time.min, zone)
    on_the_day = and_(event.c.occurred >= start, event.c.occurred < end)
    heard_on_it = and_(_UNCERTAIN, event.c.received >= start, event.c.received < end)
    query = (
        select(event, child.c.display_name)
        .outerjoin(child, event.c.child == child.c.id)
        .where(or_(on_the_day, heard_on_it))
        .order_by(event.c.gate, event.c.outbox, event.c.number)
    )
    if school is not None:
        query = query.where(event.c.school == school.value)
    with database.read() as connection:
        found = connection.execute(query).all()
    return [sighting(each, zone) for each in _merged(found, start, end)]


def _merged(found: Iterable[Row[Any]], start: datetime, end: datetime) -> list[Row[Any]]:
    """All gates together by time; a time before the one in front of it counts as that one."""
    placed: list[tuple[datetime, int, Row[Any]]] = []
    stream, latest = None, start
    for place, each in enumerate(found):
        if (each.gate, each.outbox) != stream:
            stream, latest = (each.gate, each.outbox), start
        latest = max(latest, each.occurred if start <= each.occurred < end else each.received)
        placed.append((latest, place, each))
    return [each for _, _, each in sorted(placed, key=lambda entry: entry[:2])]


def sighting(row: Row[Any], zone: ZoneInfo) -> Sighting:
    """From a row of `event` with `display_name` beside it."""
    return Sighting(
        row.occurred.astimezone(zone),
        row.claimed.astimezone(zone),
        row.clock_synchronised or row.corrected,
        row.gate,
        Direction(row.direction),
        Method(row.method),
        Kind(row.kind),
        row.child,
        row.display_name,
    )


def inside(day: Iterable[Sighting]) -> list[Sighting]:
    """Of each child the passage with which it came in, unless it left after that."""
    present: dict[ChildId, Sighting] = {}
    for each in day:
        if each.kind is not Kind.PASSED or each.child is None:
            continue
        present.pop(each.child, None)
        if each.direction is Direction.IN:
            present[each.child] = each
    return list(present.values())
