"""Events for the tests of this folder."""

from datetime import UTC, datetime

from edge.domain.events import AttendanceEvent, Direction, Kind, Method
from edge.domain.ids import ChildId, Slug, uuid7
from tests.builders import child_id

WHEN = datetime(2026, 9, 1, 3, 2, tzinfo=UTC)
SCHOOL = Slug("school-7")
GATE = Slug("main")
CHILD: ChildId = child_id(1)


def event(
    kind: Kind = Kind.GRANTED_NOT_PASSED,
    occurred: datetime = WHEN,
    direction: Direction = Direction.IN,
    child: ChildId | None = CHILD,
    clock_synchronised: bool = True,
) -> AttendanceEvent:
    return AttendanceEvent(
        uuid7(), SCHOOL, GATE, child, direction, occurred, clock_synchronised, Method.FACE, kind
    )
