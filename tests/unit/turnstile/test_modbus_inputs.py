"""Contacts at the inputs of a Modbus board, over the line that also carries its relays."""

import time
from collections.abc import Iterator

import pytest

from edge.domain.events import Direction
from edge.errors import ConfigError
from tests.contract.turnstiles import PATIENCE
from turnstile.boards.lcus import LcusBoard
from turnstile.boards.modbus_rtu import ModbusBoard
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.settings import LcusSettings, ModbusSettings
from turnstile.gate import Inputs, Turnstile
from turnstile.gate_messages import ControllerLost, FireAlarm, PassageCompleted, PassageStarted, Signal
from turnstile.inputs.factory import open_inputs
from turnstile.inputs.settings import ModbusInputs

SETTINGS = ModbusInputs(source="modbus_rtu", passage_in=1, fire=3, poll_seconds=0.02)


class Bench:
    """A board with a driver and the inputs."""

    def __init__(self) -> None:
        self.board = ModbusBoard(4)
        self.board.contact(3, closed=True)
        self.turnstile: Turnstile = open_turnstile(
            ModbusSettings(driver="modbus_rtu", port=self.board.port, answer_seconds=1.5)
        )
        self.inputs: Inputs = open_inputs(SETTINGS, self.turnstile)

    def hear(self, kind: type[Signal]) -> Signal:
        """Rounds of the gate's loop until this is told."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for signal in self.inputs.poll():
                if isinstance(signal, kind):
                    return signal
            time.sleep(0.005)
        pytest.fail(f"no {kind.__name__}")


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.inputs.close()
    bench.turnstile.close()
    bench.board.close()


def test_a_child_that_passes_is_seen_through_the_board(bench: Bench) -> None:
    bench.turnstile.release(Direction.IN)
    bench.board.contact(1, closed=True)
    assert isinstance(bench.hear(PassageStarted), PassageStarted)
    bench.board.contact(1, closed=False)
    assert isinstance(bench.hear(PassageCompleted), PassageCompleted)
    assert bench.board.relays[1]


def test_a_cut_fire_wire_is_a_fire(bench: Bench) -> None:
    bench.board.contact(3, closed=False)
    assert bench.hear(FireAlarm) == FireAlarm()


def test_a_board_that_is_pulled_out_is_a_lost_controller_and_no_fire(bench: Bench) -> None:
    bench.board.unplug()
    until = time.monotonic() + PATIENCE
    told: list[Signal] = []
    while not told and time.monotonic() < until:
        told += bench.inputs.poll()
    assert told == [ControllerLost()]


def test_inputs_of_a_board_that_is_not_the_driver_stop_the_start() -> None:
    board = LcusBoard(1)
    turnstile = open_turnstile(LcusSettings(driver="lcus", port=board.port))
    with pytest.raises(ConfigError, match="driver 'modbus_rtu'"):
        open_inputs(SETTINGS, turnstile)
    turnstile.close()
    board.close()
