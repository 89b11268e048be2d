"""Which numbers of which outbox never came: kept as ranges, and forgotten when they come after all."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, select, update

from sync.hub import dialect
from sync.hub.database import Database
from sync.hub.schema import gap, outbox
from sync.rows import Row

Key = tuple[UUID, str]
"""An outbox and the gate that it came from: ids are the gates' own, and one may lie about another's."""

_LONGEST_JUMP = 10_000_000
"""More events than a gate has in its life: a number so far ahead of the others is a defect, not a gap."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers `first` to `last`, both included, of one outbox; `since` is when a later one came first.

    `accepted` is when a person said that they will not come; None while somebody should look.
    """

    gate: str
    outbox: UUID
    first: int
    last: int
    since: datetime
    accepted: datetime | None

    @property
    def missing(self) -> int:
        """How many events that is."""
        return self.last - self.first + 1


def key_of(row: Row) -> Key:
    """Whose number it is."""
    return row.outbox, row.event.gate.value


def gaps(database: Database) -> list[Gap]:
    """All that is missing now, by gate. Raises SyncRetryable."""
    query = select(gap.c.gate, gap.c.outbox, gap.c.first, gap.c.last, gap.c.since, gap.c.accepted)
    with database.read() as connection:
        return [
            Gap(*row) for row in connection.execute(query.order_by(gap.c.gate, gap.c.outbox, gap.c.first))
        ]


def missing_by_gate(database: Database) -> dict[str, int]:
    """Of each gate how many numbers never came and are not accepted as lost. Raises SyncRetryable."""
    missing: dict[str, int] = {}
    for each in gaps(database):
        if each.accepted is None:
            missing[each.gate] = missing.get(each.gate, 0) + each.missing
    return missing


def accept(database: Database, gate: str, now: datetime) -> int:
    """A person knows why these events of the gate are lost; how many they are. Raises SyncRetryable."""
    ours = (gap.c.gate == gate, gap.c.accepted.is_(None))
    with database.write() as connection:
        counted = select(func.coalesce(func.sum(gap.c.last - gap.c.first + 1), 0)).where(*ours)
        number = int(connection.execute(counted).scalar_one())
        connection.execute(update(gap).where(*ours).values(accepted=now))
    return number


def too_far(database: Database, rows: Iterable[Row]) -> list[Row]:
    """Rows with a number that their outbox cannot have reached. Raises SyncRetryable."""
    large = [row for row in rows if row.number > _LONGEST_JUMP]
    if not large:
        return []
    query = select(outbox.c.id, outbox.c.gate, outbox.c.highest)
    with database.read() as connection:
        found = connection.execute(query.where(outbox.c.id.in_({row.outbox for row in large})))
        highest = {(id_, gate): number for id_, gate, number in found}
    return [row for row in large if row.number - highest.get(key_of(row), 0) > _LONGEST_JUMP]


def note_repeated(connection: Connection, rows: Iterable[Row], new: Collection[UUID]) -> None:
    """Count what the hub had already and what came twice at once; after `note_numbers`, which locks."""
    left, repeated = set(new), Counter[Key]()
    for row in rows:
        if row.event.id in left:
            left.remove(row.event.id)
        else:
            repeated[key_of(row)] += 1
    if repeated:
        ours = (outbox.c.id == bindparam("its_id"), outbox.c.gate == bindparam("its_gate"))
        statement = update(outbox).where(*ours).values(repeated=outbox.c.repeated + bindparam("more"))
        connection.execute(
            statement, [{"its_id": id_, "its_gate": gate, "more": n} for (id_, gate), n in repeated.items()]
        )


def note_numbers(connection: Connection, rows: Iterable[Row], now: datetime) -> None:
    """Open gaps where numbers were skipped, close those that came late; a number may come twice.

    Until the transaction ends, nobody else notes numbers of these outboxes.
    """
    came: dict[Key, set[int]] = {}
    for row in rows:
        came.setdefault(key_of(row), set()).add(row.number)
    highest = _lock(connection, list(came), now)
    late, fresh = dict[Key, list[int]](), dict[Key, list[int]]()
    for key, numbers in sorted(came.items()):
        ordered = sorted(numbers)
        place = bisect_right(ordered, highest[key])
        if ordered[:place]:
            late[key] = ordered[:place]
        if ordered[place:]:
            fresh[key] = ordered[place:]
    _close(connection, late)
    _advance(connection, fresh, highest, now)


def _lock(connection: Connection, keys: Iterable[Key], now: datetime) -> dict[Key, int]:
    """The highest number of each so far, 0 for a new one."""
    found = _locked(connection, keys)
    if new := sorted(set(keys) - set(found)):
        values = [{"id": id_, "gate": gate, "highest": 0, "first_seen": now} for id_, gate in new]
        connection.execute(dialect.insert(connection, outbox).on_conflict_do_nothing(), values)
        found |= _locked(connection, new)
    return found


def _locked(connection: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    wanted = set(keys)
    query = (
        select(outbox.c.id, outbox.c.gate, outbox.c.highest)
        .where(outbox.c.id.in_({id_ for id_, _ in wanted}))
        .order_by(outbox.c.id, outbox.c.gate)
        .with_for_update()
    )
    return {(id_, gate): n for id_, gate, n in connection.execute(query) if (id_, gate) in wanted}


def _advance(
    connection: Connection, fresh: Mapping[Key, list[int]], highest: Mapping[Key, int], now: datetime
) -> None:
    skipped = [
        _gap(key, before + 1, number - 1, now)
        for key, numbers in fresh.items()
        for before, number in pairwise([highest[key], *numbers])
        if number > before + 1
    ]
    dialect.append(connection, gap, skipped)
    if fresh:
        ours = (outbox.c.id == bindparam("its_id"), outbox.c.gate == bindparam("its_gate"))
        connection.execute(
            update(outbox).where(*ours).values(highest=bindparam("now_highest")),
            [
                {"its_id": id_, "its_gate": gate, "now_highest": numbers[-1]}
                for (id_, gate), numbers in fresh.items()
            ],
        )


def _close(connection: Connection, late: Mapping[Key, list[int]]) -> None:
    if not late:
        return
    near = select(gap).where(
        gap.c.outbox.in_({id_ for id_, _ in late}),
        gap.c.first <= max(numbers[-1] for numbers in late.values()),
        gap.c.last >= min(numbers[0] for numbers in late.values()),
    )
    gone, left = dict[Key, list[int]](), list[dict[str, Any]]()
    for outbox_id, gate, first, last, since, accepted in connection.execute(near):
        key = (outbox_id, gate)
        numbers = late.get(key, [])
        came = numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]
        if not came:
            continue
        gone.setdefault(key, []).append(first)
        left += [
            _gap(key, before + 1, number - 1, since, accepted)
            for before, number in zip([first - 1, *came], [*came, last + 1], strict=True)
            if number > before + 1
        ]
    for (outbox_id, gate), firsts in gone.items():
        connection.execute(
            delete(gap).where(gap.c.outbox == outbox_id, gap.c.gate == gate, gap.c.first.in_(firsts))
        )
    dialect.append(connection, gap, left)


def _gap(
    key: Key, first: int, last: int, since: datetime, accepted: datetime | None = None
) -> dict[str, Any]:
    return {
        "outbox": key[0], "gate": key[1], "first": first, "last": last, "since": since, "accepted": accepted,
    }  # fmt: skip
