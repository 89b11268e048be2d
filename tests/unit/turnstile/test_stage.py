"""What a replay stands on: a clock that is moved by hand, a camera and a turnstile that tell the truth."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edge.domain.events import Direction
from edge.vision.frame import Frame, Image
from edge.vision.qr import read_codes
from turnstile.drivers.settings import SimulatedSettings
from turnstile.gate_messages import PassageCompleted, PassageStarted, Tampered
from turnstile.simulation.codes import on_paper, on_phone
from turnstile.simulation.stage import LEFT_SECONDS, StageCamera, WitnessedTurnstile
from turnstile.simulation.virtual import VirtualClock

MORNING = datetime(2026, 9, 2, 7, tzinfo=UTC)
PASS = "QQ1:" + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%*+-./:" * 3


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MORNING)


def test_both_clocks_go_together_and_neither_goes_by_itself(clock: VirtualClock) -> None:
    began = clock.monotonic()
    assert clock.now() == MORNING
    clock.sleep(90)
    assert (clock.now(), clock.monotonic()) == (MORNING + timedelta(seconds=90), began + 90)
    clock.jump(MORNING + timedelta(hours=1))
    assert clock.monotonic() == began + 3600


def test_a_jump_never_goes_back(clock: VirtualClock) -> None:
    clock.sleep(60)
    clock.jump(MORNING)
    assert clock.now() == MORNING + timedelta(seconds=60)


def test_waiting_for_another_thread_takes_no_time_or_days_would_differ(clock: VirtualClock) -> None:
    with clock.held():
        clock.sleep(5)
    assert clock.now() == MORNING
    clock.sleep(1)
    assert clock.now() == MORNING + timedelta(seconds=1)


def test_whoever_left_is_followed_by_one_picture_of_the_empty_lane(clock: VirtualClock) -> None:
    """Without it the gate would take the next person for the one before."""
    camera = StageCamera(clock)
    assert camera.newest(0) is None
    camera.show(np.full((480, 640, 3), 7, np.uint8))
    shown = [frame for frame in (camera.newest(0), camera.newest(0)) if frame is not None]
    assert [frame.captured for frame in shown] == [clock.monotonic()]
    camera.leave()
    assert camera.newest(0) is None
    clock.sleep(LEFT_SECONDS)
    empty = camera.newest(0)
    assert isinstance(empty, Frame)
    assert not np.array_equal(empty.image, shown[0].image)
    clock.sleep(60)
    assert camera.newest(0) is None


@pytest.mark.parametrize("picture", [on_paper(PASS), on_phone(PASS)], ids=["paper", "phone"])
def test_a_pass_is_drawn_so_that_the_gate_reads_it(picture: Image) -> None:
    assert read_codes(picture) == [PASS]


def test_the_turnstile_counts_who_arrives_and_tells_of_a_release_before_it_opens(clock: VirtualClock) -> None:
    turnstile = WitnessedTurnstile(SimulatedSettings(driver="simulated", walk_seconds=1), clock)
    told: list[tuple[Direction, frozenset[Direction]]] = []
    turnstile.opens = lambda way: told.append((way, turnstile.opened))
    turnstile.release(Direction.IN)
    turnstile.release(Direction.IN)
    assert told == [(Direction.IN, frozenset())]
    turnstile.walk(Direction.OUT)
    turnstile.happen(Tampered(clock.monotonic()))
    clock.sleep(5)
    signals = turnstile.poll()
    assert {type(signal) for signal in signals} == {PassageStarted, PassageCompleted, Tampered}
    assert turnstile.arrived == {Direction.IN: 1, Direction.OUT: 1}


def test_a_gate_that_dies_leaves_whoever_is_inside_the_turnstile_there(clock: VirtualClock) -> None:
    turnstile = WitnessedTurnstile(SimulatedSettings(driver="simulated", walk_seconds=2), clock)
    turnstile.release(Direction.IN)
    clock.sleep(1.5)
    turnstile.poll()
    turnstile.close()
    assert (turnstile.opened, turnstile.inside) == (frozenset(), 1)
    clock.sleep(1)
    turnstile.poll()
    assert turnstile.arrived[Direction.IN] == 1
