"""For every driver, a harness that shows what its real relays do; the suite knows nothing else of it."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from edge.domain.events import Direction
from edge.errors import TurnstileError
from turnstile.boards.gpio import GpioBoard
from turnstile.boards.kmtronic import KmtronicBoard
from turnstile.boards.lcus import LcusBoard
from turnstile.boards.modbus_rtu import ModbusBoard
from turnstile.boards.numato import NumatoBoard
from turnstile.boards.terminal import TerminalBoard
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.gpio import GpioRelays
from turnstile.drivers.relays import RelayTurnstile
from turnstile.drivers.settings import (
    DriverSettings,
    GpioSettings,
    KmtronicSettings,
    LcusSettings,
    ModbusSettings,
    NumatoSettings,
    SimulatedSettings,
)
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate import Turnstile

PATIENCE = 10.0


class Harness(Protocol):
    """One controller with both directions wired."""

    turnstile: Turnstile
    answers: bool

    def opened(self) -> set[Direction]: ...

    def ever_opened(self) -> set[Direction]: ...

    def noise(self, data: bytes) -> None: ...

    def die(self) -> None: ...

    def half_command(self) -> None: ...

    def fall_silent(self) -> None: ...

    def stick(self, direction: Direction) -> None: ...

    def unplug(self) -> None: ...

    def replug(self) -> None: ...

    def close(self) -> None: ...


class SimulatedHarness:
    answers = False

    def __init__(self, _: Path) -> None:
        self._driver = SimulatedTurnstile(SimulatedSettings(driver="simulated"))
        self.turnstile: Turnstile = self._driver

    def opened(self) -> set[Direction]:
        return set(self._driver.opened)

    def ever_opened(self) -> set[Direction]:
        return self.opened()

    def noise(self, data: bytes) -> None:
        """It has no wire."""

    def die(self) -> None:
        """It lives in this process."""

    def half_command(self) -> None:
        """It has no wire."""

    def fall_silent(self) -> None:
        pytest.skip("it never says anything")

    def stick(self, direction: Direction) -> None:
        pytest.skip("it has no relays")

    def unplug(self) -> None:
        self._driver.unplug()

    def replug(self) -> None:
        self._driver.replug()

    def close(self) -> None:
        self.turnstile.close()


class BoardHarness:
    """A board on a pseudo-terminal under a lasting name; its relays are what the bytes made of them."""

    def __init__(
        self, board: TerminalBoard, settings: DriverSettings, half: bytes, *, answers: bool = True
    ) -> None:
        self.board = board
        self.answers = answers
        self._half = half
        first = board.first_channel
        self._ways = {first: Direction.IN, first + 1: Direction.OUT}
        driver = open_turnstile(settings)
        assert isinstance(driver, RelayTurnstile)
        self._driver = driver
        self.turnstile: Turnstile = driver

    def opened(self) -> set[Direction]:
        return {self._ways[channel] for channel, on in self.board.relays.items() if on}

    def ever_opened(self) -> set[Direction]:
        return {self._ways[channel] for channel in self.board.ever_closed}

    def noise(self, data: bytes) -> None:
        self.board.say(data)

    def die(self) -> None:
        self._driver.relays.close()

    def half_command(self) -> None:
        port = os.open(self.board.name, os.O_WRONLY | os.O_NOCTTY)
        os.write(port, self._half)
        os.close(port)

    def fall_silent(self) -> None:
        self.board.fall_silent()

    def stick(self, direction: Direction) -> None:
        if isinstance(self.board, LcusBoard):
            pytest.skip("it repeats commands, it does not say how its relays stand")
        self.board.stick(next(channel for channel, way in self._ways.items() if way is direction))

    def unplug(self) -> None:
        self.board.unplug()

    def replug(self) -> None:
        self.board.replug()

    def close(self) -> None:
        self.turnstile.close()
        self.board.close()


class GpioHarness:
    """A relay board at the mocked pins of a Pi."""

    answers = True
    _pins = {Direction.IN: 5, Direction.OUT: 6}  # noqa: RUF012

    def __init__(self, *, active_high: bool) -> None:
        self.board = GpioBoard(self._pins.values(), active_high=active_high)
        settings = GpioSettings(driver="gpio", channel_in=5, channel_out=6, active_high=active_high)
        self._driver = RelayTurnstile(GpioRelays(settings, self.board.open_chip), settings.channels)
        self.turnstile: Turnstile = self._driver

    def opened(self) -> set[Direction]:
        return {way for way, pin in self._pins.items() if self.board.relays[pin]}

    def ever_opened(self) -> set[Direction]:
        return {way for way, pin in self._pins.items() if self.board.ever_closed(pin)}

    def noise(self, data: bytes) -> None:
        """It has no wire."""

    def die(self) -> None:
        self._driver.relays.close()

    def half_command(self) -> None:
        """It has no wire."""

    def fall_silent(self) -> None:
        pytest.skip("a pin can always be read")

    def stick(self, direction: Direction) -> None:
        self.board.short(self._pins[direction])

    def unplug(self) -> None:
        pytest.skip("the Pi's own pins cannot be unplugged")

    def replug(self) -> None:
        pytest.skip("the Pi's own pins cannot be unplugged")

    def close(self) -> None:
        self.turnstile.close()


def lcus(folder: Path, *, answers: bool = True) -> Harness:
    board = LcusBoard(2, answers=answers, link=folder / "board")
    settings = LcusSettings(driver="lcus", port=board.name, channel_out=2)
    return BoardHarness(board, settings, b"\xa0\x01\x01", answers=answers)


def kmtronic(folder: Path, *, relays: int = 2, answers: bool = True) -> Harness:
    board = KmtronicBoard(relays, answers=answers, link=folder / "board")
    settings = KmtronicSettings.model_validate(
        {"driver": "kmtronic", "port": board.name, "relays": relays, "channel_out": 2}
    )
    return BoardHarness(board, settings, b"\xff\x01", answers=answers)


def numato(folder: Path, *, answers: bool = True) -> Harness:
    board = NumatoBoard(2, answers=answers, link=folder / "board")
    settings = NumatoSettings(driver="numato", port=board.name, channel_out=1)
    return BoardHarness(board, settings, b"relay on 0", answers=answers)


def modbus_rtu(folder: Path, *, pulse: float = 1.0, answers: bool = True) -> Harness:
    board = ModbusBoard(2, answers=answers, link=folder / "board")
    settings = ModbusSettings(
        driver="modbus_rtu",
        port=board.name,
        channel_out=2,
        pulse_seconds=pulse,
        answer_seconds=1.5 if answers else 0.02,  # a busy machine may need long; a silent board is waited for
    )
    return BoardHarness(board, settings, b"\x01\x05\x00\x00\xff", answers=answers)


HARNESSES: dict[str, Callable[[Path], Harness]] = {
    "simulated": SimulatedHarness,
    "lcus": lcus,
    "lcus-silent": lambda folder: lcus(folder, answers=False),
    "kmtronic": kmtronic,
    "kmtronic-of-4": lambda folder: kmtronic(folder, relays=4),
    "kmtronic-silent": lambda folder: kmtronic(folder, answers=False),
    "numato": numato,
    "numato-silent": lambda folder: numato(folder, answers=False),
    "modbus_rtu": modbus_rtu,
    "modbus_rtu-without-pulse": lambda folder: modbus_rtu(folder, pulse=0),
    "modbus_rtu-silent": lambda folder: modbus_rtu(folder, answers=False),
    "gpio": lambda _: GpioHarness(active_high=True),
    "gpio-active-low": lambda _: GpioHarness(active_high=False),
}


def becomes(read: Callable[[], object], wanted: object) -> bool:
    """Whether a reading takes a value within the time that a busy machine may need."""
    until = time.monotonic() + PATIENCE
    while read() != wanted and time.monotonic() < until:
        time.sleep(0.002)
    return read() == wanted


def attend(turnstile: Turnstile, seconds: float) -> None:
    """Rounds of the gate's loop."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        turnstile.step()
        time.sleep(0.01)


def trouble(turnstile: Turnstile) -> TurnstileError:
    """What the driver complains of when it is attended to."""
    with pytest.raises(TurnstileError) as caught:
        attend(turnstile, PATIENCE)
    return caught.value
