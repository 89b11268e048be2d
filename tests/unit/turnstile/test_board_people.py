"""A whole gate on a desk: the simulated board's people, seen through a second terminal."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.domain.events import Direction
from edge.errors import TurnstileError
from tests.contract.turnstiles import PATIENCE
from turnstile.boards.lcus import LcusBoard
from turnstile.boards.passages import fire_line, parse_line, passage_line
from turnstile.boards.people import Behaviour, People, PeopleSettings
from turnstile.drivers.lcus import LcusTurnstile
from turnstile.drivers.settings import LcusSettings
from turnstile.gate_messages import (
    FireAlarm,
    PassageCompleted,
    PassageStarted,
    Signal,
)
from turnstile.inputs.board import BoardPassages

IN, OUT = Direction.IN, Direction.OUT


@pytest.fixture
def board() -> Iterator[LcusBoard]:
    people = People(PeopleSettings(walk_seconds=0.05, behaviour=(Behaviour.PASS, Behaviour.WRONG_WAY)))
    board = LcusBoard(2, people=people, channels_of={1: IN, 2: OUT})
    yield board
    board.close()


@pytest.fixture
def inputs(board: LcusBoard) -> Iterator[BoardPassages]:
    assert board.passages
    inputs = BoardPassages(board.passages, lambda: 7.0)
    yield inputs
    inputs.close()


def wait_for(inputs: BoardPassages, count: int) -> list[Signal]:
    seen: list[Signal] = []
    until = time.monotonic() + PATIENCE
    while len(seen) < count and time.monotonic() < until:
        seen += inputs.poll()
        time.sleep(0.002)
    return seen


def test_a_person_passes_after_the_relay_closes(board: LcusBoard, inputs: BoardPassages) -> None:
    turnstile = LcusTurnstile(LcusSettings(driver="lcus", port=board.port, channel_out=2))
    turnstile.release(IN)
    assert wait_for(inputs, 2) == [PassageStarted(IN, 7.0), PassageCompleted(IN, 7.0)]
    turnstile.lock()
    turnstile.release(OUT)
    assert wait_for(inputs, 2) == [PassageStarted(IN, 7.0), PassageCompleted(IN, 7.0)]
    turnstile.close()


def test_a_fire_at_the_board_lasts_until_it_is_over() -> None:
    people = People(PeopleSettings())
    board = LcusBoard(1, people=people)
    assert board.passages
    inputs = BoardPassages(board.passages)
    people.fire(time.monotonic())
    assert wait_for(inputs, 2) == [FireAlarm(), FireAlarm()]
    people.fire_over()
    until = time.monotonic() + PATIENCE
    while inputs.poll() and time.monotonic() < until:
        time.sleep(0.002)
    assert inputs.poll() == []
    inputs.close()
    board.close()


def test_a_board_that_ended_is_silent_and_the_gate_goes_on(board: LcusBoard, inputs: BoardPassages) -> None:
    board.close()
    assert inputs.poll() == []
    inputs.close()
    assert inputs.poll() == []


def test_a_board_that_was_never_started_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(TurnstileError, match="no simulated board"):
        BoardPassages(tmp_path / "nothing")
    (tmp_path / "file").touch()
    with pytest.raises(TurnstileError, match="no terminal"):
        BoardPassages(tmp_path / "file")


def test_lines_cut_anywhere_and_noise_give_the_same_passages() -> None:
    master, slave = os.openpty()
    inputs = BoardPassages(Path(os.ttyname(slave)), lambda: 7.0)
    seen: list[Signal] = []
    for byte in b"started in\n\xff\x00?\ncompleted up\n" + b"x" * 500 + b"\ncompleted in\n":
        os.write(master, bytes((byte,)))
        seen += inputs.poll()
    assert seen == [PassageStarted(IN, 7.0), PassageCompleted(IN, 7.0)]
    inputs.close()
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("kind", [PassageStarted, PassageCompleted])
def test_what_a_board_tells_is_what_the_gate_hears(
    kind: type[PassageStarted | PassageCompleted], direction: Direction
) -> None:
    assert parse_line(passage_line(kind(direction, 3.0)), 3.0) == kind(direction, 3.0)
    assert parse_line(fire_line(burning=True), 3.0) is True
    assert parse_line(fire_line(burning=False), 3.0) is False
