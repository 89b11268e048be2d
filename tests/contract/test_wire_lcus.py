"""LCUS on the wire: the bytes of the data sheet, and what cannot be seen at the relays alone."""

import os
from collections.abc import Iterator

import pytest

from edge.domain.events import Direction
from tests.contract.turnstiles import becomes
from turnstile.boards.lcus import LcusBoard
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.settings import LcusSettings


@pytest.fixture
def board() -> Iterator[LcusBoard]:
    board = LcusBoard(2)
    yield board
    board.close()


def test_a_real_board_would_understand_every_byte(board: LcusBoard) -> None:
    turnstile = open_turnstile(LcusSettings(driver="lcus", port=board.port))
    turnstile.release(Direction.IN)
    turnstile.lock()
    turnstile.close()
    off, on = bytes.fromhex("A0 01 00 A1"), bytes.fromhex("A0 01 01 A2")
    assert becomes(lambda: board.received, off + off + on + off + off)


def test_the_second_channel_has_its_own_checksum(board: LcusBoard) -> None:
    turnstile = open_turnstile(LcusSettings(driver="lcus", port=board.port, channel_in=2))
    turnstile.release(Direction.IN)
    turnstile.close()
    off, on = bytes.fromhex("A0 02 00 A2"), bytes.fromhex("A0 02 01 A3")
    assert becomes(lambda: board.received, off + off + on + off)


def test_a_release_towards_a_free_exit_moves_nothing(board: LcusBoard) -> None:
    turnstile = open_turnstile(LcusSettings(driver="lcus", port=board.port, channel_in=1))
    turnstile.release(Direction.OUT)
    turnstile.close()
    assert becomes(lambda: board.received, bytes.fromhex("A0 01 00 A1") * 3)


@pytest.mark.parametrize(
    "noise",
    [b"\xa0\x01\x01\xa3", b"\xa0\x01\x02\xa3", b"\xa0\x09\x01\xaa", b"\xa1\x01\x01\xa3", b"\xa0\x01\x01"],
    ids=["checksum", "operation", "channel", "start", "half"],
)
def test_the_simulated_board_is_as_strict_as_the_real_one(board: LcusBoard, noise: bytes) -> None:
    port = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
    os.write(port, noise)
    assert becomes(lambda: board.received, noise)
    os.close(port)
    assert board.relays == {1: False, 2: False}


def test_the_simulated_board_finds_the_next_command_after_noise(board: LcusBoard) -> None:
    port = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
    os.write(port, b"\xa0\xa0\x01\xff\xa0\x02\x01\xa3")
    assert becomes(lambda: board.relays, {1: False, 2: True})
    os.close(port)


@pytest.mark.parametrize("answers", [True, False])
def test_a_board_answers_only_if_it_is_one_that_does(answers: bool) -> None:
    board = LcusBoard(1, answers=answers)
    port = os.open(board.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    command = bytes.fromhex("A0 01 01 A2")
    os.write(port, command)
    assert becomes(lambda: board.relays, {1: True})
    if answers:
        assert os.read(port, 64) == command
    else:
        with pytest.raises(BlockingIOError):
            os.read(port, 64)
    os.close(port)
    board.close()
