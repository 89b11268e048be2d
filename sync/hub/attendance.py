"""What the school's staff asks: who came and went on a day, who is inside now."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from edge.domain.events import Direction, Kind, Method
from edge.domain.ids import ChildId
from sync.hub.database import Database
from sync.hub.schema import child, event


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event; `display_name` is None where the directory has no name."""

    occurred: datetime
    clock_synchronised: bool
    gate: str
    direction: Direction
    method: Method
    kind: Kind
    child: ChildId | None
    display_name: str | None = field(repr=False)


def sightings(database: Database, day: date, zone: ZoneInfo) -> list[Sighting]:
    """The day's events in order, with times of the school's zone. Raises SyncRetryable."""
    start = datetime.combine(day, time.min, zone)
    end = datetime.combine(day + timedelta(days=1), time.min, zone)
    query = (
        select(
            event.c.occurred,
            event.c.clock_synchronised,
            event.c.gate,
            event.c.direction,
            event.c.method,
            event.c.kind,
            event.c.child,
            child.c.display_name,
        )
        .outerjoin(child, event.c.child == child.c.id)
        .where(event.c.occurred >= start, event.c.occurred < end)
        .order_by(event.c.occurred, event.c.id)
    )
    with database.read() as connection:
        return [
            Sighting(
                occurred.astimezone(zone),
                synchronised,
                gate,
                Direction(direction),
                Method(method),
                Kind(kind),
                child_id,
                name,
            )
            for occurred, synchronised, gate, direction, method, kind, child_id, name in connection.execute(
                query
            )
        ]


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
