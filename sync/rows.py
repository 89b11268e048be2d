"""One row of an outbox, as the gate numbers it and the hub stores it."""

from dataclasses import dataclass
from uuid import UUID

from edge.domain.events import AttendanceEvent


@dataclass(frozen=True, slots=True)
class Row:
    """A publishable event and its place: `number` counts from 1, without gaps, in the outbox of that id.

    The order of numbers is the order in which events became publishable, whatever the clock said.
    """

    outbox: UUID
    number: int
    event: AttendanceEvent
