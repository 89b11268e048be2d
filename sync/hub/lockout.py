"""Which outboxes stay out after their device was revoked: the rule is that of `revocation`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select, update

from edge.errors import ConfigError
from sync.hub import dialect
from sync.hub.database import Database
from sync.hub.revocation import Revocations
from sync.hub.schema import lockout, outbox
from sync.hub.sequence import Key, key_of
from sync.identity import common_name
from sync.rows import Row

_MOST = 100
"""So many outboxes of a gate are remembered: whoever makes up ids is stopped by the broker only."""


@dataclass(frozen=True, slots=True)
class _Known:
    trusted: datetime | None
    locked: bool


class Lockout:
    """In one database, for all its workers. Raises SyncRetryable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def out(self, rows: Sequence[Row], revoked: Revocations, now: datetime) -> frozenset[Key]:
        """Whose rows these are and must not be taken: remembered until a person lets them in."""
        if not revoked.last:
            return frozenset()
        names = {key_of(row): common_name(row.event.school, row.event.gate) for row in rows}
        suspects = {key: name for key, name in names.items() if name in revoked.last}
        if not suspects:
            return frozenset()
        with self._database.read() as connection:
            known = _known(connection, suspects)
        out = frozenset(key for key, name in suspects.items() if _is_out(name, known[key], revoked))
        if new := [key for key in out if not known[key].locked]:
            with self._database.write() as connection:
                _remember(connection, new, now)
        return out

    def let_in(self, beginning: str, now: datetime) -> UUID:
        """The outbox whose id begins so may bring events again. Raises ConfigError where it is not one."""
        with self._database.write() as connection:
            query = select(lockout.c.outbox).where(lockout.c.locked.is_not(None))
            locked: set[UUID] = set(connection.scalars(query))
            found = [each for each in locked if beginning and str(each).startswith(beginning.lower())]
            if len(found) != 1:
                raise ConfigError(
                    f"{len(found)} outboxes that are locked out begin with {beginning!r}",
                    "Copy more of the id from qaqpa-hub quarantine --json",
                )
            statement = update(lockout).where(lockout.c.outbox == found[0])
            connection.execute(statement.values(locked=None, let_in=now))
        return found[0]


def _is_out(name: str, known: _Known, revoked: Revocations) -> bool:
    known_before = known.trusted is not None and known.trusted <= revoked.last[name]
    return name in revoked.out or known.locked or known_before


def _known(connection: Connection, keys: Mapping[Key, str]) -> dict[Key, _Known]:
    ids = {id_ for id_, _ in keys}
    seen = select(outbox.c.id, outbox.c.gate, outbox.c.first_seen).where(outbox.c.id.in_(ids))
    since = {(id_, gate): moment for id_, gate, moment in connection.execute(seen)}
    decided = select(lockout.c.outbox, lockout.c.gate, lockout.c.locked, lockout.c.let_in)
    notes = {
        (id_, gate): (locked, let_in)
        for id_, gate, locked, let_in in connection.execute(decided.where(lockout.c.outbox.in_(ids)))
    }
    found = {}
    for key in keys:
        locked, let_in = notes.get(key, (None, None))
        found[key] = _Known(let_in or since.get(key), locked is not None)
    return found


def _remember(connection: Connection, keys: Sequence[Key], now: datetime) -> None:
    dialect.lock(connection, "lockout")
    for gate in {gate for _, gate in keys}:
        counted = select(func.count()).select_from(lockout).where(lockout.c.gate == gate)
        room = max(_MOST - connection.execute(counted).scalar_one(), 0)
        values = [{"outbox": id_, "gate": each, "locked": now} for id_, each in sorted(keys) if each == gate]
        statement = dialect.insert(connection, lockout)
        keep = statement.on_conflict_do_update(index_elements=list(lockout.primary_key), set_={"locked": now})
        if values[:room]:
            connection.execute(keep, values[:room])
