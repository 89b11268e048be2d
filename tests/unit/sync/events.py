"""Events for the tests of this folder."""

from datetime import UTC, datetime
from uuid import UUID

from edge.domain.events import AttendanceEvent, Direction, Kind, Method, Uptime
from edge.domain.ids import ChildId, Slug, uuid7
from sync.rows import Row
from tests.builders import child_id

WHEN = datetime(2026, 9, 1, 3, 2, tzinfo=UTC)
SCHOOL = Slug("school-7")
GATE = Slug("main")
CHILD: ChildId = child_id(1)
OUTBOX = UUID(int=0x5CA1AB1E)


def event(
    kind: Kind = Kind.GRANTED_NOT_PASSED,
    occurred: datetime = WHEN,
    direction: Direction = Direction.IN,
    child: ChildId | None = CHILD,
    clock_synchronised: bool = True,
    *,
    uptime: Uptime | None = None,
) -> AttendanceEvent:
    return AttendanceEvent(
        uuid7(), SCHOOL, GATE, child, direction, occurred, clock_synchronised, Method.FACE, kind, uptime
    )


def rows(*events: AttendanceEvent, first: int = 1, outbox: UUID = OUTBOX) -> list[Row]:
    """Events as one outbox numbers them."""
    return [Row(outbox, number, each) for number, each in enumerate(events, first)]
