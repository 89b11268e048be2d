"""The gate's loop goes on whatever a reader does."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from time import sleep

import pytest

from edge.domain.ids import Slug
from edge.errors import ReaderError
from tests.contract.readers import reads
from tests.contract.turnstiles import becomes
from turnstile.readers.running import KEPT_READS, RunningReader

NAME = Slug("in")


class Scripted:
    """A device that does at every read what comes next."""

    misread = 0

    def __init__(self, *steps: Callable[[], Sequence[bytes]], ready: bool = True) -> None:
        self.steps = deque(steps)
        self.ready = ready
        self.shown: list[bool] = []
        self.closed = 0
        self.reads = 0

    def read(self) -> Sequence[bytes]:
        sleep(0.001)
        self.reads += 1
        return self.steps.popleft()() if self.steps else ()

    def feedback(self, accepted: bool) -> None:
        self.shown.append(accepted)

    def close(self) -> None:
        self.closed += 1


def lost() -> Sequence[bytes]:
    raise ReaderError("away", "Look for it")


@pytest.fixture
def run() -> Iterator[Callable[..., RunningReader]]:
    running: list[RunningReader] = []

    def start(*devices: Scripted) -> RunningReader:
        left = deque(devices)
        running.append(RunningReader(NAME, lambda: left.popleft() if len(left) > 1 else left[0]))
        return running[-1]

    yield start
    for reader in running:
        reader.close()


def test_a_device_that_hangs_does_not_hold_up_the_gate(run: Callable[..., RunningReader]) -> None:
    hanging, go_on = threading.Event(), threading.Event()

    def hang() -> Sequence[bytes]:
        hanging.set()
        go_on.wait()
        return (b"\1",)

    reader = run(Scripted(hang))
    hanging.wait()
    assert list(reader.poll()) == []
    reader.feedback(True)
    assert reader.healthy
    go_on.set()
    assert [read.number for read in reads(reader, 1)] == [b"\1"]


def test_reads_of_one_burst_are_bounded_too(run: Callable[..., RunningReader]) -> None:
    burst = [bytes([number]) for number in range(1, 101)]
    reader = run(Scripted(lambda: burst))
    assert becomes(lambda: reader.dropped, 100 - KEPT_READS)
    assert [read.number for read in reader.poll()] == burst[-KEPT_READS:]


def test_the_newest_feedback_counts(run: Callable[..., RunningReader]) -> None:
    """A light that belongs to the person before would mislead."""
    started, go_on = threading.Event(), threading.Event()

    def hang() -> Sequence[bytes]:
        started.set()
        go_on.wait()
        return ()

    device = Scripted(hang)
    reader = run(device)
    started.wait()
    reader.feedback(True)
    reader.feedback(False)
    go_on.set()
    assert becomes(lambda: device.shown, [False])


def test_a_lost_device_is_closed_and_opened_again(run: Callable[..., RunningReader]) -> None:
    first, second = Scripted(lost), Scripted(lambda: (b"\2",))
    reader = run(first, second)
    assert [read.number for read in reads(reader, 1)] == [b"\2"]
    assert reader.healthy
    assert first.closed == 1


def test_nobody_sees_the_light_of_somebody_who_came_while_the_reader_was_away(
    run: Callable[..., RunningReader],
) -> None:
    back = Scripted()
    reader = run(Scripted(lost), back)
    assert becomes(lambda: reader.healthy, False)
    reader.feedback(True)
    assert becomes(lambda: reader.healthy, True)
    reads_before = back.reads
    assert becomes(lambda: back.reads > reads_before + 2, True)
    assert back.shown == []


def test_a_device_that_is_not_ready_is_not_healthy(run: Callable[..., RunningReader]) -> None:
    reader = run(Scripted(lost), Scripted(ready=False))
    assert becomes(lambda: str(reader.problem), "away. Look for it")


def test_a_device_that_never_gets_ready_stops_the_start() -> None:
    device = Scripted(lost, ready=False)
    with pytest.raises(ReaderError, match="away"):
        RunningReader(NAME, lambda: device)
    assert device.closed == 1


def test_a_reader_closes_while_its_device_is_still_getting_ready(run: Callable[..., RunningReader]) -> None:
    slow = Scripted(ready=False)
    reader = run(Scripted(lost), slow)
    assert becomes(lambda: slow.reads > 0, True)
    reader.close()
    assert not reader.healthy


def test_a_first_opening_that_fails_stops_the_start() -> None:
    def refuse() -> Scripted:
        raise ReaderError("not there", "Plug it in")

    with pytest.raises(ReaderError, match="not there"):
        RunningReader(NAME, refuse)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_reader_whose_thread_died_is_not_called_healthy(run: Callable[..., RunningReader]) -> None:
    def bug() -> Sequence[bytes]:
        raise ZeroDivisionError

    reader = run(Scripted(bug))
    assert becomes(lambda: reader.healthy, False)
    assert list(reader.poll()) == []
