"""What every turnstile driver must do, seen at its relays and not at what it says about itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.domain.events import Direction
from edge.errors import TurnstileError
from tests.contract.turnstiles import HARNESSES, Harness, becomes

IN, OUT = Direction.IN, Direction.OUT


@pytest.fixture(params=HARNESSES.values(), ids=list(HARNESSES))
def harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
    harness: Harness = request.param(tmp_path)
    yield harness
    harness.close()


def test_a_gate_starts_locked_even_if_the_last_process_left_it_open(harness: Harness) -> None:
    harness.turnstile.open_all()
    harness.turnstile.reconnect()
    assert becomes(harness.opened, set())


@pytest.mark.parametrize("direction", Direction)
def test_a_release_opens_the_asked_direction_and_no_other(harness: Harness, direction: Direction) -> None:
    harness.turnstile.release(direction)
    assert becomes(harness.opened, {direction})


def test_a_release_keeps_the_other_direction_open(harness: Harness) -> None:
    harness.turnstile.release(OUT)
    harness.turnstile.release(IN)
    assert becomes(harness.opened, {IN, OUT})


def test_a_lock_withdraws_a_release(harness: Harness) -> None:
    harness.turnstile.release(IN)
    assert becomes(harness.opened, {IN})
    harness.turnstile.lock()
    assert becomes(harness.opened, set())


def test_in_an_emergency_both_ways_open_and_stay_open(harness: Harness) -> None:
    harness.turnstile.release(IN)
    harness.turnstile.open_all()
    harness.turnstile.open_all()
    assert becomes(harness.opened, {IN, OUT})


def test_releasing_or_locking_twice_is_the_same_as_once(harness: Harness) -> None:
    harness.turnstile.release(IN)
    harness.turnstile.release(IN)
    assert becomes(harness.opened, {IN})
    harness.turnstile.lock()
    harness.turnstile.lock()
    assert becomes(harness.opened, set())


def test_a_process_that_ends_leaves_the_gate_locked(harness: Harness) -> None:
    harness.turnstile.release(IN)
    assert becomes(harness.opened, {IN})
    harness.turnstile.close()
    assert becomes(harness.opened, set())


def test_closing_twice_harms_nothing(harness: Harness) -> None:
    harness.turnstile.close()
    harness.turnstile.close()


def test_noise_from_the_controller_neither_opens_nor_blocks(harness: Harness) -> None:
    for _ in range(50):
        harness.noise(bytes(range(256)))
    harness.turnstile.release(IN)
    assert becomes(harness.opened, {IN})
    harness.noise(b"\xa0\x02\x01\xa3")
    harness.turnstile.lock()
    assert becomes(harness.opened, set())


@pytest.mark.parametrize("act", ["release", "lock", "open_all"])
def test_a_pulled_cable_is_reported_by_the_next_command(harness: Harness, act: str) -> None:
    harness.unplug()
    commands = {
        "release": lambda: harness.turnstile.release(IN),
        "lock": harness.turnstile.lock,
        "open_all": harness.turnstile.open_all,
    }
    for _ in range(2):
        with pytest.raises(TurnstileError) as caught:
            commands[act]()
        assert caught.value.retryable
        assert caught.value.remedy


def test_a_cable_put_back_gives_a_locked_gate_that_obeys_again(harness: Harness) -> None:
    harness.turnstile.release(IN)
    harness.unplug()
    with pytest.raises(TurnstileError):
        harness.turnstile.lock()
    with pytest.raises(TurnstileError):
        harness.turnstile.reconnect()
    harness.replug()
    harness.turnstile.reconnect()
    assert becomes(harness.opened, set())
    harness.turnstile.release(OUT)
    assert becomes(harness.opened, {OUT})


def test_a_driver_whose_controller_is_gone_still_closes(harness: Harness) -> None:
    harness.unplug()
    harness.turnstile.close()
