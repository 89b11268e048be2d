"""Simulated people: demonstrations and scenarios rely on what they do and when."""

import pytest

from edge.domain.events import Direction
from edge.errors import TurnstileError
from turnstile.boards.people import Behaviour
from turnstile.drivers.settings import SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate_messages import (
    ControllerBack,
    ControllerLost,
    FireAlarm,
    PassageCompleted,
    PassageStarted,
)

IN, OUT = Direction.IN, Direction.OUT


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def simulated(clock: Clock, *behaviour: Behaviour) -> SimulatedTurnstile:
    settings = SimulatedSettings(driver="simulated", walk_seconds=2, slow_seconds=20, behaviour=behaviour)
    return SimulatedTurnstile(settings, clock)


def test_after_a_release_a_person_walks_through_in_the_time_of_the_configuration(clock: Clock) -> None:
    turnstile = simulated(clock)
    turnstile.release(IN)
    assert turnstile.poll() == []
    clock.now = 101.0
    assert turnstile.poll() == [PassageStarted(IN, 101.0)]
    clock.now = 102.5
    assert turnstile.poll() == [PassageCompleted(IN, 102.0)]
    assert turnstile.poll() == []


def test_a_slow_loop_still_sees_a_whole_passage_in_its_order(clock: Clock) -> None:
    turnstile = simulated(clock)
    turnstile.release(OUT)
    clock.now = 150.0
    assert turnstile.poll() == [PassageStarted(OUT, 101.0), PassageCompleted(OUT, 102.0)]


def test_one_release_is_one_person_however_often_it_is_repeated(clock: Clock) -> None:
    turnstile = simulated(clock)
    turnstile.release(IN)
    turnstile.release(IN)
    clock.now = 150.0
    assert len(turnstile.poll()) == 2


def test_who_has_not_entered_when_it_locks_stays_outside_and_who_has_goes_on(clock: Clock) -> None:
    turnstile = simulated(clock)
    turnstile.release(IN)
    turnstile.lock()
    clock.now = 150.0
    assert turnstile.poll() == []
    turnstile.release(IN)
    clock.now = 151.0
    turnstile.poll()
    turnstile.lock()
    clock.now = 152.0
    assert turnstile.poll() == [PassageCompleted(IN, 152.0)]


def test_the_script_gives_each_release_its_person_and_then_people_who_pass(clock: Clock) -> None:
    turnstile = simulated(clock, Behaviour.NO_SHOW, Behaviour.SLOW, Behaviour.WRONG_WAY)
    seen = []
    for start in (100.0, 200.0, 300.0, 400.0):
        clock.now = start
        turnstile.release(IN)
        clock.now = start + 90
        seen.append(turnstile.poll())
        turnstile.lock()
    assert seen == [
        [],
        [PassageStarted(IN, 201.0), PassageCompleted(IN, 221.0)],
        [PassageStarted(OUT, 301.0), PassageCompleted(OUT, 302.0)],
        [PassageStarted(IN, 401.0), PassageCompleted(IN, 402.0)],
    ]


def test_a_fire_is_told_at_every_poll_until_it_is_over(clock: Clock) -> None:
    turnstile = simulated(clock, Behaviour.FIRE)
    turnstile.release(IN)
    assert turnstile.poll() == []
    clock.now = 101.0
    assert turnstile.poll() == turnstile.poll() == [FireAlarm()]
    turnstile.fire_over()
    assert turnstile.poll() == []
    turnstile.fire()
    assert turnstile.poll() == [FireAlarm()]


def test_a_lost_controller_is_told_once_and_once_more_when_it_is_back(clock: Clock) -> None:
    turnstile = simulated(clock)
    turnstile.unplug()
    assert turnstile.poll() == [ControllerLost()]
    assert turnstile.poll() == []
    with pytest.raises(TurnstileError, match="unplugged"):
        turnstile.reconnect()
    turnstile.replug()
    turnstile.reconnect()
    assert turnstile.poll() == [ControllerBack()]
    assert turnstile.poll() == []


def test_nobody_walks_through_a_turnstile_without_power(clock: Clock) -> None:
    turnstile = simulated(clock)
    turnstile.release(IN)
    turnstile.unplug()
    clock.now = 150.0
    assert turnstile.poll() == [ControllerLost()]


def test_a_second_person_follows_the_first_before_that_one_is_through(clock: Clock) -> None:
    turnstile = simulated(clock, Behaviour.TAILGATE)
    turnstile.release(IN)
    clock.now = 150.0
    assert turnstile.poll() == [
        PassageStarted(IN, 101.0),
        PassageStarted(IN, 101.5),
        PassageCompleted(IN, 102.0),
        PassageCompleted(IN, 102.5),
    ]


def test_what_the_next_person_does_can_be_said_and_then_the_script_goes_on(clock: Clock) -> None:
    turnstile = simulated(clock, Behaviour.WRONG_WAY)
    turnstile.next_does(Behaviour.NO_SHOW)
    turnstile.release(IN)
    assert (turnstile.walking, turnstile.inside) == (0, 0)
    turnstile.lock()
    turnstile.release(IN)
    clock.now = 101.0
    assert turnstile.poll() == [PassageStarted(OUT, 101.0)]
    assert (turnstile.walking, turnstile.inside) == (1, 1)


def test_somebody_walks_out_without_any_release(clock: Clock) -> None:
    turnstile = simulated(clock)
    turnstile.walk(OUT)
    clock.now = 110.0
    assert turnstile.poll() == [PassageStarted(OUT, 100.0), PassageCompleted(OUT, 101.0)]
