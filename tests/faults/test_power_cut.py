"""The power fails in the middle of a write: what the outbox or the hub had promised is still there."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from edge.domain.events import Kind, Moment
from edge.errors import QaqpaError
from sync.hub.database import Database
from sync.hub.store import Store
from sync.outbox import Outbox
from sync.rows import Row
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


class Gate:
    """Works with its outbox and remembers what that promised: each event with the way it ended."""

    def __init__(self) -> None:
        self.promised = 0
        self._kinds = dict[UUID, Kind]()
        self._open = list[UUID]()
        self._settling: UUID | None = None
        self._numbers = dict[int, UUID]()

    def passage(self, outbox: Outbox) -> None:
        """Two are let in, one goes through, somebody is refused, and the hub confirms the oldest two."""
        for _ in range(2):
            grant = event()
            outbox.grant(grant)
            self._promise(grant.id, Kind.GRANTED_NOT_PASSED)
            self._open.append(grant.id)
        self._settling = self._open.pop(0)
        outbox.settle(self._settling, Kind.PASSED, Moment(WHEN, True))
        self._promise(self._settling, Kind.PASSED)
        self._settling = None
        refusal = event(Kind.REFUSED)
        outbox.append(refusal)
        self._promise(refusal.id, Kind.REFUSED)
        self._stored_elsewhere(outbox, outbox.pending(2))

    def look(self, outbox: Outbox) -> None:
        """After the next start all is there as promised; what was being settled may have ended or not."""
        outbox.settle_leftovers()
        found = outbox.pending(100_000)
        kinds = {row.event.id: row.event.kind for row in found}
        lost = self._kinds.keys() - kinds.keys()
        assert not lost, f"{len(lost)} of {self.promised} lost"
        changed = {
            f"{kind.value} became {kinds[each].value}"
            for each, kind in self._kinds.items()
            if kinds[each] is not kind and each != self._settling
        }
        assert not changed
        self._stored_elsewhere(outbox, found)
        assert sorted(self._numbers) == list(range(1, len(self._numbers) + 1)), "a number is missing"
        self._kinds.clear()
        self._open.clear()

    def _promise(self, each: UUID, kind: Kind) -> None:
        self._kinds[each] = kind
        self.promised += 1

    def _stored_elsewhere(self, outbox: Outbox, found: list[Row]) -> None:
        for row in found:
            assert self._numbers.setdefault(row.number, row.event.id) == row.event.id, "a number came twice"
            self._kinds.pop(row.event.id, None)  # now: a confirmation that is cut may hold or not
        outbox.confirm([row.event.id for row in found])


def test_no_event_that_the_gate_acted_on_is_lost_or_changed_by_a_power_cut(disk: LossyDisk) -> None:
    """The relay opens when `grant` returns, and a parent is told what `settle` and `append` said."""
    chance = Random(1)  # noqa: S311 # the same cuts in every run
    gate = Gate()
    for _ in range(CUTS):
        with disk, Outbox(disk.path / "outbox.db") as outbox:
            until_the_power_fails(disk, partial(gate.passage, outbox), chance)
        with disk, Outbox(disk.path / "outbox.db") as outbox:
            assert sound(outbox.path)
            gate.look(outbox)
    assert gate.promised > CUTS, "the cuts came before anything was promised"


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
