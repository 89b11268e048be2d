"""Modbus RTU on the wire: the frames of the maker's wiki, and the pulse that ends without the gate."""

import os
import time
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from edge.domain.events import Direction
from edge.errors import TurnstileError
from tests.contract.turnstiles import attend, becomes
from turnstile.boards.modbus_rtu import ModbusBoard
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.modbus_frames import frame, pulse, read_inputs, read_relays, switch
from turnstile.drivers.settings import ModbusSettings
from turnstile.gate import Turnstile

OFF, ON = bytes.fromhex("01 05 00 00 00 00 CD CA"), bytes.fromhex("01 05 00 00 FF 00 8C 3A")
PULSE_1_S = bytes.fromhex("01 05 02 00 00 0A 4C 75")


@pytest.fixture
def board() -> Iterator[ModbusBoard]:
    board = ModbusBoard(8)
    yield board
    board.close()


def opened(board: ModbusBoard, **more: object) -> Turnstile:
    return open_turnstile(
        ModbusSettings.model_validate(
            {"driver": "modbus_rtu", "port": board.port, "pulse_seconds": 1, "answer_seconds": 1.5, **more}
        )
    )


@pytest.mark.parametrize(
    ("request_frame", "published"),
    [
        (frame(switch(1, 1, on=True)), "01 05 00 00 FF 00 8C 3A"),
        (frame(switch(1, 1, on=False)), "01 05 00 00 00 00 CD CA"),
        (frame(switch(1, 2, on=True)), "01 05 00 01 FF 00 DD FA"),
        (frame(pulse(1, 1, 0.7)), "01 05 02 00 00 07 8D B0"),
        (frame(pulse(1, 2, 0.8)), "01 05 02 01 00 08 9C 74"),
        (frame(read_relays(1, 8)), "01 01 00 00 00 08 3D CC"),
        (frame(read_inputs(1, 8)), "01 02 00 00 00 08 79 CC"),
    ],
)
def test_the_frames_are_those_of_the_wiki(request_frame: bytes, published: str) -> None:
    assert request_frame == bytes.fromhex(published)


def test_a_real_board_would_understand_every_byte(board: ModbusBoard) -> None:
    turnstile = opened(board)
    turnstile.release(Direction.IN)
    turnstile.lock()
    turnstile.open_all()
    turnstile.close()
    check = bytes.fromhex("01 01 00 00 00 01 FD CA")
    assert board.received == OFF + OFF + check + PULSE_1_S + OFF + ON + OFF


def test_the_board_itself_ends_a_release_that_nobody_renews(board: ModbusBoard) -> None:
    """The Pi died: the turnstile must not stand open until somebody comes."""
    turnstile = opened(board)
    turnstile.release(Direction.IN)
    assert board.relays[1]
    assert becomes(lambda: board.relays[1], False)
    turnstile.close()


def test_in_an_emergency_the_board_keeps_open_without_the_gate(board: ModbusBoard) -> None:
    turnstile = opened(board)
    turnstile.release(Direction.IN)
    turnstile.open_all()
    time.sleep(1.3)  # longer than the pulse
    assert board.relays[1]
    turnstile.close()


def test_a_board_without_a_pulse_of_its_own_is_told_from_a_dead_one() -> None:
    board = ModbusBoard(2, has_pulse=False)
    turnstile = opened(board)
    with pytest.raises(TurnstileError, match="refuses a command") as caught:
        turnstile.release(Direction.IN)
    assert "pulse_seconds = 0" in caught.value.remedy
    turnstile.close()
    plain = opened(board, pulse_seconds=0)
    plain.release(Direction.IN)
    assert board.relays[1]
    plain.close()
    board.close()


def test_another_unit_on_the_bus_does_not_obey_and_the_log_says_what_to_check(board: ModbusBoard) -> None:
    with capture_logs() as logs:
        turnstile = opened(board, unit=7, answer_seconds=0.1)
        turnstile.reconnect()
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert "unit number" in logs[0]["remedy"]
    turnstile.open_all()
    assert not any(board.relays.values())
    turnstile.close()


@pytest.mark.parametrize(
    "noise",
    ["01 05 00 00 FF 00 8C 3B", "01 05 00 09 FF 00 5C 38", "01 05 03 00 FF 00 8C 7E", "01 05 00 00"],
    ids=["checksum", "relay", "command", "half"],
)
def test_the_simulated_board_switches_nothing_for_noise(board: ModbusBoard, noise: str) -> None:
    port = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
    os.write(port, bytes.fromhex(noise))
    assert becomes(lambda: board.received, bytes.fromhex(noise))
    os.close(port)
    opened(board).close()
    assert board.ever_closed == frozenset()


def test_a_relay_that_fell_off_by_itself_is_told_once_more(board: ModbusBoard) -> None:
    """A loop that was late for its pulse must not lose the whole gate."""
    turnstile = opened(board)
    turnstile.release(Direction.IN)
    assert becomes(lambda: board.relays[1], False)
    attend(turnstile, 0.1)
    assert board.relays[1]
    turnstile.close()


class BurntRelay(ModbusBoard):
    """Refuses its first relay once it is burnt."""

    burnt = False

    def coil(self, address: int, value: int) -> bool:
        """As ever, for the other relays."""
        return super().coil(address, value) and not (self.burnt and address == 0)


def test_in_a_fire_a_relay_that_fails_does_not_keep_the_other_way_shut() -> None:
    board = BurntRelay(2)
    turnstile = opened(board, channel_out=2)
    board.burnt = True
    with pytest.raises(TurnstileError, match="refuses"):
        turnstile.open_all()
    assert board.relays[2]
    turnstile.close()
    board.close()
