"""The hub knows which events of a gate never came, and stops saying so when they come after all."""

from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.events import Kind
from sync.hub.database import Database
from sync.hub.sequence import accept, gaps, missing_by_gate
from sync.hub.store import Store
from tests.unit.sync.events import OUTBOX, WHEN, event, rows

LATER = WHEN + timedelta(hours=1)


def arrive(database: Database, *numbers: int, outbox: UUID = OUTBOX, later: bool = False) -> None:
    came = [rows(event(Kind.REFUSED), first=number, outbox=outbox)[0] for number in numbers]
    Store(database).record(came, LATER if later else WHEN)


def ranges(database: Database) -> list[tuple[int, int]]:
    return [(each.first, each.last) for each in gaps(database)]


def test_what_never_came_is_reported_with_its_gate_and_since_when(database: Database) -> None:
    arrive(database, 1, 2)
    assert gaps(database) == []
    arrive(database, 6, later=True)
    (found,) = gaps(database)
    assert (found.gate, found.outbox, found.first, found.last, found.missing) == ("main", OUTBOX, 3, 5, 3)
    assert found.since == LATER


def test_a_gap_that_closes_is_no_longer_reported(database: Database) -> None:
    arrive(database, 1, 6)
    arrive(database, 3, 5, later=True)
    assert ranges(database) == [(2, 2), (4, 4)]
    assert {each.since for each in gaps(database)} == {WHEN}
    arrive(database, 4, 2, 6)
    assert ranges(database) == []


def test_what_a_person_accepted_as_lost_calls_nobody_and_comes_all_the_same(database: Database) -> None:
    arrive(database, 1, 6)
    assert accept(database, "yard", LATER) == 0
    assert accept(database, "main", LATER) == 4
    assert (missing_by_gate(database), ranges(database)) == ({}, [(2, 5)])
    arrive(database, 4)
    assert [(each.first, each.last, each.accepted) for each in gaps(database)] == [
        (2, 3, LATER),
        (5, 5, LATER),
    ]
    arrive(database, 9)
    assert missing_by_gate(database) == {"main": 2}, "what is lost afterwards is news"


def test_a_replaced_outbox_begins_at_one_and_hides_no_gap_of_the_old_one(database: Database) -> None:
    """A gate got a new card: its numbers restart, and what the old card took along stays missing."""
    arrive(database, 1, 3)
    arrive(database, 1, 2, outbox=UUID(int=9))
    assert [(each.outbox, each.first) for each in gaps(database)] == [(OUTBOX, 2)]


def test_events_that_were_lost_before_the_first_one_count_too(database: Database) -> None:
    arrive(database, 4)
    assert ranges(database) == [(1, 3)]


@settings(deadline=None, database=None, max_examples=40)
@given(st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=8), min_size=1, max_size=6))
def test_whatever_comes_in_whatever_order_the_gaps_are_what_is_missing(batches: Sequence[list[int]]) -> None:
    with TemporaryDirectory() as folder, closing(Database(Path(folder) / "hub.db")) as database:
        for batch in batches:
            arrive(database, *batch)
        missing = [n for gap in gaps(database) for n in range(gap.first, gap.last + 1)]
    came = {number for batch in batches for number in batch}
    assert missing == [number for number in range(1, max(came)) if number not in came]


def test_a_number_that_no_outbox_reaches_makes_no_missing_events(database: Database) -> None:
    """One damaged row would else call somebody for ever."""
    store, far = Store(database), 10_000_000
    numbered = [rows(event(Kind.REFUSED), first=number)[0] for number in (1, far, far + 1, 2**53 - 1)]
    assert store.too_far(numbered) == numbered[2:]
    store.record(numbered[:2], WHEN)
    assert store.too_far(numbered) == numbered[3:]
