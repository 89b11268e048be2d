"""What every turnstile driver must do, seen at its relays and not at what it says about itself."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.domain.events import Direction
from edge.errors import TurnstileError
from tests.contract.turnstiles import HARNESSES, Harness, attend, becomes, trouble

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


def test_nothing_moves_while_a_gate_starts_waits_and_ends(harness: Harness) -> None:
    """A relay that twitches lets somebody through whom nobody saw."""
    harness.turnstile.reconnect()
    attend(harness.turnstile, 0.3)
    harness.turnstile.close()
    assert becomes(harness.opened, set())
    assert harness.ever_opened() == set()


def test_half_a_command_of_a_process_that_died_neither_opens_nor_swallows_the_next(harness: Harness) -> None:
    harness.turnstile.close()
    harness.half_command()
    harness.turnstile.reconnect()
    attend(harness.turnstile, 0.3)
    assert harness.ever_opened() == set()
    harness.turnstile.release(OUT)
    assert becomes(harness.opened, {OUT})


def test_a_gate_that_died_open_and_in_the_middle_of_a_word_is_locked_by_the_next(harness: Harness) -> None:
    harness.turnstile.release(IN)
    assert becomes(harness.opened, {IN})
    harness.die()
    harness.half_command()
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


@pytest.mark.parametrize(
    "answer",
    [
        b"\xa0\x01\x00\xa2",
        b"\xa0\x01",
        b"\xff\x01\x02",
        b"\xff",
        b"relay read 0\n\rmaybe\n\r>",
        b"relay read",
        b"\x01\x05\x00\x00\xff\x00\x8c\x3b",
        b"\x01\x02\xff",
        b"\x01\x85\x02",
    ],
    ids=["lcus", "half", "kmtronic", "byte", "numato", "word", "modbus-checksum", "modbus-half", "refusal"],
)
def test_an_answer_that_cannot_be_read_neither_opens_nor_stops_the_gate(
    harness: Harness, answer: bytes
) -> None:
    for _ in range(6):
        harness.noise(answer)
        attend(harness.turnstile, 0.02)
    harness.turnstile.release(IN)
    assert becomes(harness.opened, {IN})


def test_a_board_that_floods_the_line_is_obeyed_or_given_up_but_opens_nothing(harness: Harness) -> None:
    over = threading.Event()

    def flood() -> None:
        while not over.is_set():
            harness.noise(bytes(range(256)) * 4)
            time.sleep(0.001)

    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
        with contextlib.suppress(TurnstileError):
            harness.turnstile.lock()
            attend(harness.turnstile, 0.3)
    finally:
        over.set()
        flooding.join()
    assert harness.ever_opened() == set()
    harness.turnstile.reconnect()
    harness.turnstile.release(IN)
    assert becomes(harness.opened, {IN})


def test_a_release_lasts_until_the_gate_locks(harness: Harness) -> None:
    """Longer than the pulse of a board that has its own: slow children must not be caught halfway."""
    harness.turnstile.release(IN)
    for _ in range(3):
        attend(harness.turnstile, 0.5)
        assert becomes(harness.opened, {IN})
    harness.turnstile.lock()
    assert becomes(harness.opened, set())
    attend(harness.turnstile, 0.2)
    assert harness.opened() == set()


def test_a_board_that_stops_answering_is_reported_and_not_taken_back(harness: Harness) -> None:
    if not harness.answers:
        pytest.skip("no feedback is ever required")
    attend(harness.turnstile, 1.0)
    harness.fall_silent()
    assert "no longer answers" in str(trouble(harness.turnstile))
    with pytest.raises(TurnstileError):
        for _ in range(2):
            harness.turnstile.reconnect()


def test_a_relay_that_does_not_open_again_is_reported_and_not_taken_back(harness: Harness) -> None:
    """Its gate stands open: staff must look at it."""
    if not harness.answers:
        pytest.skip("no feedback is ever required")
    attend(harness.turnstile, 1.0)
    harness.stick(IN)
    assert trouble(harness.turnstile).remedy
    with pytest.raises(TurnstileError):
        for _ in range(2):
            harness.turnstile.reconnect()


def test_a_board_that_never_answers_is_never_complained_of(harness: Harness) -> None:
    if harness.answers:
        pytest.skip("this one answers")
    harness.turnstile.release(IN)
    attend(harness.turnstile, 1.5)
    assert becomes(harness.opened, {IN})


@pytest.mark.parametrize("act", ["release", "lock", "open_all", "step"])
def test_a_pulled_cable_is_reported_by_the_next_command(harness: Harness, act: str) -> None:
    harness.unplug()
    commands = {
        "release": lambda: harness.turnstile.release(IN),
        "lock": harness.turnstile.lock,
        "open_all": harness.turnstile.open_all,
        "step": harness.turnstile.step,
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
