"""Puts right what a gate said before its clock was set: a Raspberry Pi has no clock that runs without power.

Each event carries the uptime of its moment. The first event of a boot whose time is certain tells when that
boot began, and so when everything else in it happened. What the gate claimed is kept beside it. An event of a
boot that never learnt the time keeps what it claimed, and counts as uncertain. So does one whose time cannot
be, whatever its gate says of its clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from sync.hub import dialect
from sync.hub.schema import boot, event
from sync.rows import Row

_Boot = tuple[str, UUID]

_BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
"""Before it there was no gate of this project."""
_AHEAD = timedelta(minutes=5)


def believed(row: Row, now: datetime) -> Row:
    """As the hub takes it at `now`: a time that cannot be is not certain."""
    if not row.event.clock_synchronised or _can_be(row.event.occurred, now):
        return row
    return replace(row, event=replace(row.event, clock_synchronised=False))


def _can_be(occurred: datetime, received: datetime) -> bool:
    return _BEGINNING <= occurred <= received + _AHEAD


def correct(connection: Connection, rows: Iterable[Row]) -> set[UUID]:
    """After `rows` were stored: learn when boots began, and return the events that this corrected.

    The caller holds the rows of their outboxes (`note_numbers`), else two workers could miss each other's.
    """
    certain: dict[_Boot, datetime] = {}
    waiting: set[_Boot] = set()
    for row in sorted(rows, key=lambda each: each.number):
        uptime = row.event.uptime
        if uptime is None:
            continue
        key = (row.event.gate.value, uptime.boot)
        if row.event.clock_synchronised:
            certain.setdefault(key, row.event.occurred - timedelta(seconds=uptime.seconds))
        else:
            waiting.add(key)
    known = _known(connection, {*certain, *waiting})
    learnt = {key: began for key, began in certain.items() if key not in known}
    if learnt:
        values = [{"gate": gate, "id": id_, "began": began} for (gate, id_), began in sorted(learnt.items())]
        connection.execute(dialect.insert(connection, boot).on_conflict_do_nothing(), values)
    began_at = {**learnt, **{key: began for key, began in known.items() if key in waiting}}
    return _correct(connection, began_at)


def _known(connection: Connection, keys: set[_Boot]) -> dict[_Boot, datetime]:
    if not keys:
        return {}
    query = select(boot.c.gate, boot.c.id, boot.c.began).where(boot.c.id.in_({id_ for _, id_ in keys}))
    return {(gate, id_): began for gate, id_, began in connection.execute(query) if (gate, id_) in keys}


def _correct(connection: Connection, began: Mapping[_Boot, datetime]) -> set[UUID]:
    if not began:
        return set()
    uncertain = select(event.c.id, event.c.gate, event.c.boot, event.c.uptime, event.c.received).where(
        event.c.gate.in_({gate for gate, _ in began}),
        event.c.boot.in_({id_ for _, id_ in began}),
        ~event.c.clock_synchronised,
        ~event.c.corrected,
    )
    found = [
        {"which": id_, "when": when}
        for id_, gate, boot_id, uptime, received in connection.execute(uncertain)
        if (gate, boot_id) in began
        and _can_be(when := began[gate, boot_id] + timedelta(seconds=uptime), received)
    ]
    if found:
        statement = update(event).where(event.c.id == bindparam("which"))
        connection.execute(statement.values(occurred=bindparam("when"), corrected=True), found)
    return {each["which"] for each in found}
