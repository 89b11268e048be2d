"""What the hub refused of its gates' messages: each different one once, with how often and when it came."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, select

from sync.hub import dialect
from sync.hub.database import Database
from sync.hub.schema import quarantine, refusal
from sync.wire import Problem, WireError, parse_topic

_MOST = 1000
"""So many different messages of one topic are kept, so that no gate pushes out another's."""

_BYTES = 4096
_TEXT = 200


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that is not what a gate may send; `problem` tells a person, `kind` counts."""

    topic: str
    kind: Problem
    problem: str
    payload: bytes = field(repr=False)
    outbox: UUID | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One different message; `payload` is cut short, `size` is what came."""

    topic: str
    problem: str
    times: int
    first: datetime
    last: datetime
    size: int
    outbox: UUID | None
    payload: bytes = field(repr=False)


class Quarantine:
    """In one database, for all its workers. Raises SyncRetryable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, refused: Sequence[Refused], now: datetime) -> None:
        """Keep and count them; of a topic only the newest thousand, while the totals never fall."""
        if not refused:
            return
        with self._database.write() as connection:
            dialect.lock(connection, "quarantine")
            _count(connection, refused)
            _keep(connection, refused, now)
            for topic in {_topic(each) for each in refused}:
                _forget(connection, topic)

    def kept(self) -> list[Kept]:
        """By topic, the latest last."""
        names = ("topic", "problem", "times", "first_received", "received", "size", "outbox", "payload")
        query = select(*(quarantine.c[name] for name in names))
        with self._database.read() as connection:
            found = connection.execute(query.order_by(quarantine.c.topic, quarantine.c.received))
            return [Kept(*row) for row in found]

    def since(self, moment: datetime) -> int:
        """How many different messages came since then."""
        query = select(func.count()).where(quarantine.c.received >= moment)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def totals(self) -> dict[tuple[str, str], int]:
        """By gate and problem how many were ever refused, repetitions included."""
        query = select(refusal.c.gate, refusal.c.problem, refusal.c.total).order_by(*refusal.primary_key)
        with self._database.read() as connection:
            return {(gate, problem): total for gate, problem, total in connection.execute(query)}


def _count(connection: Connection, refused: Iterable[Refused]) -> None:
    counted = Counter((_gate(each.topic), each.kind.value) for each in refused)
    statement = dialect.insert(connection, refusal)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(refusal.primary_key),
            set_={"total": refusal.c.total + statement.excluded.total},
        ),
        [{"gate": gate, "problem": kind, "total": n} for (gate, kind), n in counted.items()],
    )


def _keep(connection: Connection, refused: Iterable[Refused], now: datetime) -> None:
    rows: dict[tuple[str, str, bytes], dict[str, Any]] = {}
    for each in refused:
        key = (_topic(each), each.problem[:_TEXT], sha256(each.payload).digest())
        row = rows.setdefault(key, _row(key, each, now))
        row["times"] += 1
    table, statement = quarantine, dialect.insert(connection, quarantine)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.topic, table.c.problem, table.c.digest],
            set_={"times": table.c.times + statement.excluded.times, "received": statement.excluded.received},
        ),
        list(rows.values()),
    )


def _row(key: tuple[str, str, bytes], each: Refused, now: datetime) -> dict[str, Any]:
    topic, problem, digest = key
    return {
        "first_received": now, "received": now, "times": 0, "topic": topic, "problem": problem,
        "digest": digest, "outbox": each.outbox, "size": len(each.payload),
        "payload": each.payload[:_BYTES],
    }  # fmt: skip


def _forget(connection: Connection, topic: str) -> None:
    table = quarantine
    newest_first = (table.c.received.desc(), table.c.id.desc())
    older = select(table.c.id).where(table.c.topic == topic).order_by(*newest_first).offset(_MOST)
    connection.execute(delete(table).where(table.c.id.in_(older)))


def _topic(each: Refused) -> str:
    return each.topic[:_TEXT]


def _gate(topic: str) -> str:
    """A monitor's label: empty where the topic is not a gate's."""
    try:
        return parse_topic(topic).gate.value
    except WireError:
        return ""
