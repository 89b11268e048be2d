"""A serial port belongs to one gate, and whoever names a wrong one is told how to find the right one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.errors import TurnstileError
from turnstile.boards.lcus import LcusBoard
from turnstile.drivers import ports
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.settings import (
    DriverSettings,
    KmtronicSettings,
    LcusSettings,
    ModbusSettings,
    NumatoSettings,
)

DRIVERS: dict[str, Callable[[Path], DriverSettings]] = {
    "lcus": lambda port: LcusSettings(driver="lcus", port=port),
    "kmtronic": lambda port: KmtronicSettings(driver="kmtronic", port=port, relays=2),
    "numato": lambda port: NumatoSettings(driver="numato", port=port),
    "modbus_rtu": lambda port: ModbusSettings(driver="modbus_rtu", port=port, answer_seconds=0.02),
}


@pytest.fixture(params=DRIVERS.values(), ids=list(DRIVERS))
def settings(request: pytest.FixtureRequest) -> Callable[[Path], DriverSettings]:
    chosen: Callable[[Path], DriverSettings] = request.param
    return chosen


def test_a_second_gate_process_cannot_take_the_board(settings: Callable[[Path], DriverSettings]) -> None:
    board = LcusBoard(2)
    first = open_turnstile(settings(board.port))
    with pytest.raises(TurnstileError, match="another process uses"):
        open_turnstile(settings(board.port))
    first.close()
    open_turnstile(settings(board.port)).close()
    board.close()


def test_a_missing_board_names_the_ports_that_are_there(
    settings: Callable[[Path], DriverSettings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-1a86_USB_Serial-if00-port0").symlink_to("/dev/null")
    monkeypatch.setattr(ports, "BY_ID", by_id)
    with pytest.raises(TurnstileError, match="cannot open the relay board") as caught:
        open_turnstile(settings(tmp_path / "ttyUSB9"))
    assert "name another port" in caught.value.remedy
    assert "usb-1a86_USB_Serial-if00-port0" in caught.value.remedy


def test_without_any_port_the_way_to_find_one_is_told(
    settings: Callable[[Path], DriverSettings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "present_ports", list)
    with pytest.raises(TurnstileError) as caught:
        open_turnstile(settings(tmp_path / "ttyUSB9"))
    assert "ls /dev/serial/by-id" in caught.value.remedy


def test_a_file_that_is_no_port_is_refused(
    settings: Callable[[Path], DriverSettings], tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no port")
    with pytest.raises(TurnstileError, match="cannot open"):
        open_turnstile(settings(tmp_path / "notes.txt"))
