"""What the publisher sends, when it sends it again, and what it does when the hub is silent."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from edge.domain.events import AttendanceEvent, Kind
from edge.errors import SyncRetryable, SyncTerminal
from sync.backoff import Backoff, keep_trying
from sync.outbox import Outbox
from sync.publisher import Window
from tests.unit.sync.events import event


def middle(low: float, high: float) -> float:
    return (low + high) / 2


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox.db") as opened:
        yield opened


@pytest.fixture
def window(tmp_path: Path, gate: Outbox) -> Iterator[Window]:
    with Outbox(tmp_path / "outbox.db") as opened:
        yield Window(opened, 3, Backoff(2, 8, middle))


def store(gate: Outbox, count: int) -> list[AttendanceEvent]:
    events = [event(Kind.REFUSED) for _ in range(count)]
    for each in events:
        gate.append(each)
    return events


def sent(window: Window, now: float) -> list[AttendanceEvent]:
    return [row.event for row in window.next_rows(now)]


def test_events_go_in_order_and_no_more_than_the_window_holds(gate: Outbox, window: Window) -> None:
    events = store(gate, 5)
    assert sent(window, 0) == events[:3]
    assert sent(window, 1) == []
    window.confirmed((events[0].id,), 1)
    assert sent(window, 1) == events[3:4]


def test_a_new_event_goes_out_while_others_wait(gate: Outbox, window: Window) -> None:
    store(gate, 1)
    sent(window, 0)
    assert sent(window, 0.1) == []
    assert sent(window, 0.2) == []
    late = store(gate, 1)
    assert sent(window, 0.3) == late


def test_silence_makes_everything_go_again_after_growing_waits(gate: Outbox, window: Window) -> None:
    events = store(gate, 2)
    times = [now for now in range(40) if sent(window, now) == events]
    assert times == [0, 2, 6, 14, 22, 30, 38]


def test_a_word_from_the_hub_makes_waits_short_again(gate: Outbox, window: Window) -> None:
    events = store(gate, 2)
    for now in (0, 2, 6):
        assert sent(window, now) == events
    window.confirmed((events[0].id,), 7)
    assert sent(window, 8) == []
    assert sent(window, 9) == events[1:]


def test_a_hub_that_says_hello_gets_everything_at_once(gate: Outbox, window: Window) -> None:
    events = store(gate, 2)
    sent(window, 0)
    window.greeted()
    assert sent(window, 0.5) == events


def test_a_late_confirmation_still_counts(gate: Outbox, window: Window) -> None:
    events = store(gate, 2)
    sent(window, 0)
    window.rewind()
    assert window.confirmed((events[0].id,), 1) == 1
    assert sent(window, 1) == events[1:]


def test_jitter_keeps_gates_apart_but_near_the_plan() -> None:
    waits = {Backoff(4, 8).next() for _ in range(50)}
    assert len(waits) > 1
    assert all(3 <= wait <= 5 for wait in waits)


def test_an_error_that_time_cures_is_tried_again_and_another_is_not() -> None:
    errors = [SyncRetryable("away", "Wait"), SyncTerminal("bad", "Act"), SyncRetryable("never", "")]

    def work() -> None:
        raise errors.pop(0)

    with pytest.raises(SyncTerminal):
        keep_trying(work, Event(), Backoff(0.001, 0.001))
    assert len(errors) == 1
