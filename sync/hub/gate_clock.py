"""Puts right what a gate said before its clock was set: a Raspberry Pi has no clock that runs without power.

Each event carries the uptime of its moment. The first event of a boot whose time is certain tells when that
boot began, and so when everything else in it happened. What the gate claimed is kept beside it. An event of a
boot that never learnt the time keeps what it claimed, and counts as uncertain.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from edge.domain.ids import Slug
from sync.hub.schema import boot, event
from sync.rows import Row

_Boot = tuple[Slug, UUID]


def correct(connection: Connection, rows: Iterable[Row]) -> set[UUID]:
    """After `rows` were stored: learn when boots began, and return the events that this corrected."""
    certain: dict[_Boot, datetime] = {}
    waiting: set[_Boot] = set()
    for row in sorted(rows, key=lambda each: each.number):
        uptime = row.event.uptime
        if uptime is None:
            continue
        key = (row.event.gate, uptime.boot)
        if row.event.clock_synchronised:
            certain.setdefault(key, row.event.occurred - timedelta(seconds=uptime.seconds))
        else:
            waiting.add(key)
    corrected: set[UUID] = set()
    for key in sorted({*certain, *waiting}, key=str):
        began = _known(connection, key)
        learnt = began is None and key in certain
        if learnt:
            began = certain[key]
            connection.execute(insert(boot).values(gate=key[0].value, id=key[1], began=began))
        if began is not None and (learnt or key in waiting):
            corrected |= _correct(connection, key, began)
    return corrected


def _known(connection: Connection, key: _Boot) -> datetime | None:
    query = select(boot.c.began).where(boot.c.gate == key[0].value, boot.c.id == key[1])
    return connection.execute(query).scalar_one_or_none()


def _correct(connection: Connection, key: _Boot, began: datetime) -> set[UUID]:
    uncertain = select(event.c.id, event.c.uptime).where(
        event.c.gate == key[0].value, event.c.boot == key[1], ~event.c.clock_synchronised, ~event.c.corrected
    )
    found = connection.execute(uncertain).all()
    if found:
        connection.execute(
            update(event)
            .where(event.c.id == bindparam("which"))
            .values(occurred=bindparam("when"), corrected=True),
            [{"which": id_, "when": began + timedelta(seconds=uptime)} for id_, uptime in found],
        )
    return {id_ for id_, _ in found}
