"""A minute of the soak: faults of each kind, and every event arrives once."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.postgres import find_binaries
from tests.soak.__main__ import served
from tests.soak.soak import KINDS, leave_without_database, soak
from tests.soak.town import Town


def test_every_event_arrives_once_although_everything_fails_in_turn(tmp_path: Path) -> None:
    """On PostgreSQL where it is installed, which is killed as well."""
    told: list[str] = []
    binaries = find_binaries()
    with ExitStack() as stack:
        cluster, database = stack.enter_context(served(binaries)) if binaries else (None, "")
        town = stack.enter_context(Town(tmp_path, gates=2, rate=20, cluster=cluster, database=database))
        outcome = soak(town, seconds=60, every=3, seed=1, say=told.append)
    assert outcome.good, (outcome, told)
    assert len(outcome.faults) == len(KINDS) + (binaries is not None)


def test_a_soak_can_fail(tmp_path: Path) -> None:
    """An event that is taken out of an outbox unseen is counted as lost."""
    with Town(tmp_path, gates=1, rate=20) as town:
        town.hub.kill()
        (gate,) = town.gates
        town.take_one(gate)
        town.hub.start()
        outcome = soak(town, seconds=0, every=1, seed=1, say=print)
    assert not outcome.good
    assert outcome.missing == 1, "the hub saw the gap"
    assert (outcome.lines[0].lost, outcome.lines[0].sent - outcome.lines[0].stored) == (1, 1)


@pytest.mark.parametrize("stolen", [False, True])
def test_what_passes_while_the_database_is_away_waits_for_it(tmp_path: Path, stolen: bool) -> None:
    """`make soak AWAY=10` does it for ten minutes; an event that vanished meanwhile would be noticed."""
    with Town(tmp_path, gates=1, rate=20) as town:

        def listen(words: str) -> None:
            if stolen and words.startswith("no database"):
                town.take_one(town.gates[0])

        assert leave_without_database(town, seconds=3, say=listen) is not stolen
