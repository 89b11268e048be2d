"""A gate that was offline for weeks sends everything, in order, without holding it all in memory."""

import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from edge.domain.events import Kind
from sync.broker import Broker
from sync.outbox import _PUBLISH, Outbox, _values
from tests.sync.parts import School, eventually, granted, running

ROWS = 100_000
MEGABYTE = 1024 * 1024
PATIENCE = 300.0


def fill(outbox: Outbox, count: int) -> None:
    """As the gate would over weeks, in one transaction."""
    start = granted().occurred - timedelta(days=30)
    with outbox._write() as connection:
        for number in range(count):
            event = granted(when=start + timedelta(seconds=number * 20))
            connection.execute(_PUBLISH, [*_values(event)[:8], Kind.PASSED.value, None, None])


@pytest.mark.timeout(400)
def test_a_hundred_thousand_events_drain_in_order_and_in_little_memory(
    school: School, mosquitto: Broker
) -> None:
    hub, publisher = school.hub_process(), school.publisher()
    with Outbox(school.outbox) as outbox:
        fill(outbox, ROWS)
        with running(hub):
            hub.wait_for("online")  # else it may hear the end of the first window before its beginning
            with running(publisher):
                publisher.wait_for("online")
                began, before = time.monotonic(), memory(publisher.pid)
                eventually(lambda: outbox.backlog().count < ROWS - 5000, "it goes on")
                most = memory(publisher.pid)
                while outbox.backlog().count:
                    assert time.monotonic() < began + PATIENCE, f"{outbox.backlog().count} still wait"
                    most = max(most, memory(publisher.pid))
                    time.sleep(0.2)
                took = time.monotonic() - began
    print(f"{ROWS} events in {took:.1f} s, {ROWS / took:.0f}/s; publisher {before:.0f} to {most:.0f} MB")
    assert most - before < 20, f"the publisher grew from {before:.0f} to {most:.0f} MB"
    assert in_order(Path(school.database)) == ROWS


def memory(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / MEGABYTE


def in_order(database: Path | str) -> int:
    """How many were stored, each after the one before it."""
    with closing(sqlite3.connect(database)) as connection:
        numbers = [number for (number,) in connection.execute("SELECT number FROM event ORDER BY rowid")]
    assert numbers == sorted(numbers)
    return len(numbers)
