"""Which numbers of which outbox never came: kept as ranges, and forgotten when they come after all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import Connection, and_, delete, insert, select, update

from edge.domain.ids import Slug
from sync.hub.database import Database
from sync.hub.schema import gap, outbox
from sync.rows import Row


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers `first` to `last`, both included, of one outbox; `since` is when a later one came first."""

    gate: str
    outbox: UUID
    first: int
    last: int
    since: datetime

    @property
    def missing(self) -> int:
        """How many events that is."""
        return self.last - self.first + 1


def gaps(database: Database) -> list[Gap]:
    """All that is missing now, by gate. Raises SyncRetryable."""
    query = select(gap.c.gate, gap.c.outbox, gap.c.first, gap.c.last, gap.c.since)
    with database.read() as connection:
        return [
            Gap(*row) for row in connection.execute(query.order_by(gap.c.gate, gap.c.outbox, gap.c.first))
        ]


def note_numbers(connection: Connection, rows: Iterable[Row], now: datetime) -> None:
    """Open gaps where numbers were skipped, close those that came late; a number may come twice."""
    by_outbox: dict[tuple[Slug, UUID], set[int]] = {}
    for row in rows:
        by_outbox.setdefault((row.event.gate, row.outbox), set()).add(row.number)
    for (gate, outbox_id), numbers in by_outbox.items():
        highest = _highest(connection, gate, outbox_id, now)
        _close(connection, gate, outbox_id, [each for each in sorted(numbers) if each <= highest])
        _advance(
            connection, gate, outbox_id, [highest, *(each for each in sorted(numbers) if each > highest)], now
        )


def _highest(connection: Connection, gate: Slug, outbox_id: UUID, now: datetime) -> int:
    query = select(outbox.c.highest).where(outbox.c.id == outbox_id, outbox.c.gate == gate.value)
    found = connection.execute(query.with_for_update()).scalar_one_or_none()
    if found is None:
        values = {"id": outbox_id, "gate": gate.value, "highest": 0, "first_seen": now}
        connection.execute(insert(outbox).values(values))
    return found or 0


def _advance(
    connection: Connection, gate: Slug, outbox_id: UUID, numbers: Sequence[int], now: datetime
) -> None:
    """`numbers` in order, the highest so far first."""
    skipped = [
        {"gate": gate.value, "outbox": outbox_id, "first": before + 1, "last": number - 1, "since": now}
        for before, number in pairwise(numbers)
        if number > before + 1
    ]
    if skipped:
        connection.execute(insert(gap), skipped)
    if len(numbers) > 1:
        ours = and_(outbox.c.id == outbox_id, outbox.c.gate == gate.value)
        connection.execute(update(outbox).where(ours).values(highest=numbers[-1]))


def _close(connection: Connection, gate: Slug, outbox_id: UUID, numbers: Sequence[int]) -> None:
    if not numbers:
        return
    ours = and_(gap.c.outbox == outbox_id, gap.c.gate == gate.value)
    near = and_(ours, gap.c.first <= numbers[-1], gap.c.last >= numbers[0])
    for first, last, since in connection.execute(
        select(gap.c.first, gap.c.last, gap.c.since).where(near)
    ).all():
        came = [number for number in numbers if first <= number <= last]
        if not came:
            continue
        connection.execute(delete(gap).where(ours, gap.c.first == first))
        left = [
            {"gate": gate.value, "outbox": outbox_id, "first": before + 1, "last": number - 1, "since": since}
            for before, number in zip([first - 1, *came], [*came, last + 1], strict=True)
            if number > before + 1
        ]
        if left:
            connection.execute(insert(gap), left)
