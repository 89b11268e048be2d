"""What must hold after any day, whatever happened in it; each promise that was broken is one sentence."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from edge.audit import verify
from edge.domain.decisions import Reason
from edge.domain.events import Direction, Kind
from edge.errors import Tampered
from turnstile.gate_messages import AlarmKind
from turnstile.simulation.lanes import ReplayedLane
from turnstile.simulation.tally import Record, audit_records

_UNCOVERED = {AlarmKind.FORCED, AlarmKind.TAILGATING, AlarmKind.WRONG_WAY}
_KEEPS_IN = {Reason.OUTSIDE_HOURS, Reason.ALREADY_INSIDE, Reason.GATE_CLOSED}


def broken(lane: ReplayedLane, audit_key: bytes, *, left: int, unjudged: int) -> list[str]:
    """The promises that this lane broke. `left`: how many set out to leave through it; `unjudged`: how many
    came in while fire or staff held it open for all, or while its gate was dead.
    """
    records = audit_records(lane.audit)
    events = _events(lane)
    return [
        *_grants(lane, records, events),
        *_entries(lane, records, events, unjudged),
        *_exits(lane, records, left),
        *_fire(records),
        *_written(lane, records, events, audit_key),
    ]


def _grants(lane: ReplayedLane, records: list[Record], events: Counter[tuple[str, str]]) -> Iterator[str]:
    granted = sum(record["what"] == "decision" and record["outcome"] == "grant" for record in records)
    ended = sum(
        count for (kind, _), count in events.items() if kind in {Kind.PASSED, Kind.GRANTED_NOT_PASSED}
    )
    with closing(sqlite3.connect(lane.outbox)) as disk:
        (held,) = disk.execute("SELECT count(*) FROM held").fetchone()
    if lane.opened_without_grant:
        yield f"the turnstile opened {lane.opened_without_grant} times without a grant on the disk"
    if held:
        yield f"{held} grants never ended"
    if granted != ended + held:
        yield f"{granted} grants were decided, and {ended} ended"


def _entries(
    lane: ReplayedLane, records: list[Record], events: Counter[tuple[str, str]], unjudged: int
) -> Iterator[str]:
    came, passed = lane.turnstile.arrived[Direction.IN], events[Kind.PASSED, Direction.IN]
    alarms = sum(record["what"] == "alarm" and record["kind"] in _UNCOVERED for record in records)
    if passed > came:
        yield f"{passed} passages in were written down, and {came} people came in: one grant counted twice"
    if came > passed + alarms + unjudged:
        seen = f"{passed} passages, {alarms} alarms, {unjudged} past an open or a dead gate"
        yield f"{came} people came in, but there are only {seen}"


def _exits(lane: ReplayedLane, records: list[Record], left: int) -> Iterator[str]:
    if lane.turnstile.arrived[Direction.OUT] < left:
        yield f"{left} people wanted to leave, and {lane.turnstile.arrived[Direction.OUT]} could"
    if lane.way is Direction.OUT and any(record.get("reason") in _KEEPS_IN for record in records):
        yield "a rule kept somebody from leaving"


def _fire(records: list[Record]) -> Iterator[str]:
    """After an emergency the first to be granted anything comes after a person's reset."""
    burning = False
    for record in records:
        if record["what"] == "evacuation" or (record["what"] == "alarm" and record["kind"] == "fire"):
            burning = True
        elif record["what"] == "reset" and record["done"]:
            burning = False
        elif burning and record["what"] == "decision" and record["outcome"] == "grant":
            yield f"record {record['n']}: granted after a fire that nobody had reset"


def _written(
    lane: ReplayedLane, records: list[Record], events: Counter[tuple[str, str]], audit_key: bytes
) -> Iterator[str]:
    try:
        verify(lane.audit, audit_key)
    except Tampered as error:
        yield str(error)
    told = Counter({"refused": 0, "alarm": 0})
    for record in records:
        told["refused"] += record["what"] == "decision" and record["outcome"] == "refuse"
        told["alarm"] += record["what"] == "alarm"
    for kind in (Kind.REFUSED, Kind.ALARM):
        sent = sum(count for (what, _), count in events.items() if what is kind)
        if sent != told[kind]:
            yield f"{told[kind]} times {kind} in the audit trail, and {sent} in the outbox"


def _events(lane: ReplayedLane) -> Counter[tuple[str, str]]:
    with closing(sqlite3.connect(lane.outbox)) as disk:
        rows = disk.execute("SELECT kind, direction, count(*) FROM event GROUP BY kind, direction").fetchall()
    return Counter({(Kind(kind), Direction(direction)): count for kind, direction, count in rows})
