"""The power fails in the middle of a write: what the outbox or the hub had promised is still there."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from edge.domain.events import Kind
from edge.errors import QaqpaError
from sync.hub.database import Database
from sync.hub.store import Store
from sync.outbox import Outbox
from tests.faults.lossy_disk import LossyDisk, why_not
from tests.unit.sync.events import WHEN, event, rows

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
CUTS = 15
"""For each of the two databases, on a disk that tears writes and on one that does not: sixty in all."""


@pytest.fixture(params=[False, True], ids=["dropped", "torn"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> LossyDisk:
    return LossyDisk(tmp_path, torn=request.param)


def until_the_power_fails(disk: LossyDisk, work: Callable[[], object], chance: Random) -> None:
    """Work until some moment soon, which no step of the work knows."""
    lights_out = threading.Timer(chance.uniform(0.005, 0.06), disk.cut)
    lights_out.start()
    try:
        while True:
            work()
    except QaqpaError:
        lights_out.join()


def sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def test_no_event_that_the_gate_acted_on_is_lost_by_a_power_cut(disk: LossyDisk) -> None:
    """The relay opens when `grant` returns: at the next boot each grant must be there, in order."""
    chance = Random(1)  # noqa: S311 # the same cuts in every run
    waiting, numbers = list[UUID](), list[int]()
    promised = 0
    for _ in range(CUTS):
        with disk, Outbox(disk.path / "outbox.db") as outbox:
            outbox.settle_leftovers()

            def passage(outbox: Outbox = outbox) -> None:
                nonlocal promised
                grant = event()
                outbox.grant(grant)
                waiting.append(grant.id)
                promised += 1
                if promised % 3 == 0:
                    stored_elsewhere = waiting[:2]
                    del waiting[:2]
                    outbox.confirm(stored_elsewhere)

            until_the_power_fails(disk, passage, chance)
        with disk, Outbox(disk.path / "outbox.db") as outbox:
            assert sound(outbox.path)
            outbox.settle_leftovers()
            found = outbox.pending(100_000)
            there = {row.event.id for row in found}
            assert set(waiting) <= there, f"{len(set(waiting) - there)} of {promised} lost"
            numbers += [row.number for row in found if row.number > (numbers[-1] if numbers else 0)]
            assert numbers == list(range(1, numbers[-1] + 1)), "a number is missing or came twice"
            outbox.confirm(there)
            waiting.clear()
    assert promised > CUTS, "the cuts came before anything was promised"


def test_no_event_that_the_hub_confirmed_is_lost_by_a_power_cut(disk: LossyDisk) -> None:
    """The gate deletes its row on the hub's word: nobody else has the event then."""
    chance = Random(2)  # noqa: S311 # the same cuts in every run
    confirmed = set[UUID]()
    for _ in range(CUTS):
        with disk, closing(Database(disk.path / "hub.db")) as database:
            store = Store(database)

            def batch(store: Store = store) -> None:
                sent = rows(*(event(Kind.PASSED) for _ in range(5)), first=len(confirmed) + 1)
                store.record(sent, WHEN)
                confirmed.update(row.event.id for row in sent)

            until_the_power_fails(disk, batch, chance)
        with disk, closing(sqlite3.connect(disk.path / "hub.db")) as there:
            assert sound(disk.path / "hub.db")
            stored = {UUID(hex=row[0]) for row in there.execute("SELECT id FROM event")}
            assert confirmed <= stored, f"{len(confirmed - stored)} of {len(confirmed)} lost"
    assert len(confirmed) > CUTS


def test_the_disk_does_lose_what_was_not_synced(disk: LossyDisk) -> None:
    """Else the two tests above could not fail."""
    with disk, Outbox(disk.path / "outbox.db") as outbox:
        outbox._db.conn.execute("PRAGMA synchronous = OFF")
        for _ in range(20):
            outbox.append(event(Kind.REFUSED, occurred=datetime.now(UTC)))
        assert disk.cut() > 0
    with disk:
        assert kept(disk.path / "outbox.db") < 20


def kept(path: Path) -> int:
    try:
        with closing(sqlite3.connect(path)) as connection:
            return int(connection.execute("SELECT count(*) FROM event").fetchone()[0])
    except sqlite3.DatabaseError:
        return 0
