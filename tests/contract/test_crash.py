"""What a board sees of a gate that is killed while somebody is let through."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.domain.events import Direction
from tests.contract.turnstiles import becomes
from turnstile.boards.kmtronic import KmtronicBoard
from turnstile.boards.lcus import LcusBoard
from turnstile.boards.modbus_rtu import ModbusBoard
from turnstile.boards.numato import NumatoBoard
from turnstile.boards.terminal import TerminalBoard
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.settings import (
    DriverSettings,
    KmtronicSettings,
    LcusSettings,
    ModbusSettings,
    NumatoSettings,
)

CHILD = """
import sys
from pydantic import TypeAdapter
from edge.domain.events import Direction
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.settings import DriverSettings
turnstile = open_turnstile(TypeAdapter(DriverSettings).validate_json(sys.argv[1]))
turnstile.release(Direction.IN)
print("released", flush=True)
sys.stdin.read()
"""

BOARDS: dict[str, tuple[Callable[[], TerminalBoard], Callable[[Path], DriverSettings]]] = {
    "lcus": (lambda: LcusBoard(2), lambda port: LcusSettings(driver="lcus", port=port)),
    "kmtronic": (
        lambda: KmtronicBoard(2),
        lambda port: KmtronicSettings(driver="kmtronic", port=port, relays=2),
    ),
    "numato": (lambda: NumatoBoard(2), lambda port: NumatoSettings(driver="numato", port=port)),
    "modbus_rtu": (
        lambda: ModbusBoard(2),
        lambda port: ModbusSettings(driver="modbus_rtu", port=port, pulse_seconds=1, answer_seconds=1.5),
    ),
}


@pytest.mark.parametrize("name", BOARDS)
def test_a_killed_gate_says_nothing_more_and_its_successor_starts_locked(name: str) -> None:
    make, settings = BOARDS[name]
    board = make()
    first = board.first_channel
    asked = settings(board.port)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, asked.model_dump_json()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout
        assert child.stdout.readline() == "released\n"
        assert becomes(lambda: board.relays[first], True)
        sent = board.received
        child.send_signal(signal.SIGKILL)
        child.wait()
    if name == "modbus_rtu":
        assert becomes(lambda: board.relays[first], False)
    assert board.received == sent
    turnstile = open_turnstile(asked)
    assert becomes(lambda: board.relays[first], False)
    turnstile.release(Direction.IN)
    assert becomes(lambda: board.relays[first], True)
    turnstile.close()
    board.close()
