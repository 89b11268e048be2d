"""Kill and cut whatever there is, again and again; then let everything drain and count."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from random import Random

from sync.outbox import Outbox
from tests.soak.town import Gate, Town
from tests.sync.parts import eventually

DRAIN_SECONDS = 120.0
DOWN_SECONDS = (0.2, 3.0)
TELL_SECONDS = 30.0
SETTLE_SECONDS = 2.0
"""Until what was confirmed before a fault is gone from the outboxes."""
KINDS = ("publisher", "hub", "broker", "connection", "gate")
SERVER = "database"
"""One more kind, where the hub's database is a server of its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """One gate at the end: numbers its outbox gave, events the hub has, and ledger lines that it lacks."""

    gate: str
    sent: int
    stored: int
    lost: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a soak came to."""

    lines: tuple[Line, ...]
    duplicates: int
    missing: int
    waiting: int
    faults: Counter[str]

    @property
    def good(self) -> bool:
        """Whether every event arrived once, through faults of every kind that came up."""
        arrived = all(0 < line.sent == line.stored and line.lost == 0 for line in self.lines)
        return arrived and self.waiting == 0 and self.missing == 0


def soak(town: Town, seconds: float, every: float, seed: int, say: Callable[[str], None]) -> Outcome:
    """Run the town with a fault every so many seconds, then drain it without any."""
    chance, faults = Random(seed), Counter[str]()  # noqa: S311 # a soak can be repeated by its seed
    kinds = [*KINDS, SERVER] if town.cluster else list(KINDS)
    chance.shuffle(kinds)
    end = time.monotonic() + seconds
    for kind in cycle(kinds):
        if time.monotonic() + every > end:
            break
        time.sleep(every)
        what = break_something(town, kind, chance)
        faults[what.split(" of ")[0]] += 1
        say(f"{what}; {town.waiting()} events wait")
    for gate in town.gates:
        gate.kill()
    drain(town, say)
    missing = sum(gap.missing for gap in town.gaps())
    return Outcome(tuple(count(town)), town.duplicates(), missing, town.waiting(), faults)


def leave_without_database(town: Town, seconds: float, say: Callable[[str], None]) -> bool:
    """The gates go on while the hub's database is away; whether each of their events waited for it.

    PostgreSQL is killed; an SQLite file is held by another process for longer than the hub waits.
    """
    eventually(lambda: len(town.stored()) == len(town.gates), "the hub has events of every gate")
    with town.database_away():
        time.sleep(SETTLE_SECONDS)
        before, began = town.waiting(), time.monotonic()
        sent = sum(gate.sent() for gate in town.gates)
        while (left := began + seconds - time.monotonic()) > 0:
            time.sleep(min(left, TELL_SECONDS))
            say(f"no database for {time.monotonic() - began:.0f} s; {town.waiting()} events wait")
        new = sum(gate.sent() for gate in town.gates) - sent
        kept = town.waiting() - before
    say(f"the database is back; of {new} events since it went, {kept} waited")
    return kept >= new


def break_something(town: Town, kind: str, chance: Random) -> str:
    """One fault, and its end some moments later."""
    gate = chance.choice(town.gates)
    if kind == "connection":
        gate.line.cut()
        return f"cut the connection of {gate.name}"
    stop, start = _ways(town, gate, kind)
    stop()
    time.sleep(chance.uniform(*DOWN_SECONDS))
    start()
    return f"killed the {kind}" + (f" of {gate.name}" if kind in {"publisher", "gate"} else "")


def _ways(town: Town, gate: Gate, kind: str) -> tuple[Callable[[], object], Callable[[], object]]:
    if kind == "gate":
        return gate.kill, gate.open
    if kind == "broker":
        return town.broker.kill, town.broker.start
    if kind == SERVER and town.cluster is not None:
        return town.cluster.kill, town.cluster.start
    process = gate.publisher if kind == "publisher" else town.hub
    return process.kill, process.start


def drain(town: Town, say: Callable[[str], None]) -> None:
    """Wait until the hub has confirmed everything, or for as long as anybody would."""
    for gate in town.gates:
        with Outbox(gate.outbox) as outbox:
            outbox.settle_leftovers()
    began = time.monotonic()
    while town.waiting() and time.monotonic() < began + DRAIN_SECONDS:
        time.sleep(0.2)
    say(f"drained in {time.monotonic() - began:.1f} s")


def count(town: Town) -> list[Line]:
    """Outboxes and ledgers beside the hub's database."""
    stored = town.stored()
    lines = []
    for gate in town.gates:
        written, here = gate.written(), stored.get(str(gate.name), set())
        lines.append(Line(str(gate.name), gate.sent(), len(here), len(written - here)))
    return lines
