"""For every driver, a harness that shows what its real relays do; the suite knows nothing else of it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from edge.domain.events import Direction
from turnstile.boards.lcus import LcusBoard
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.settings import LcusSettings, SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate import Turnstile

PATIENCE = 10.0


class Harness(Protocol):
    """One controller with both directions wired."""

    turnstile: Turnstile

    def opened(self) -> set[Direction]: ...

    def noise(self, data: bytes) -> None: ...

    def unplug(self) -> None: ...

    def replug(self) -> None: ...

    def close(self) -> None: ...


class SimulatedHarness:
    def __init__(self, _: Path) -> None:
        self._driver = SimulatedTurnstile(SimulatedSettings(driver="simulated"))
        self.turnstile: Turnstile = self._driver

    def opened(self) -> set[Direction]:
        return set(self._driver.opened)

    def noise(self, data: bytes) -> None:
        """It has no wire."""

    def unplug(self) -> None:
        self._driver.unplug()

    def replug(self) -> None:
        self._driver.replug()

    def close(self) -> None:
        self.turnstile.close()


class LcusHarness:
    """A board on a pseudo-terminal under a lasting name; its relays are what the bytes made of them."""

    ways = {1: Direction.IN, 2: Direction.OUT}  # noqa: RUF012

    def __init__(self, folder: Path, *, answers: bool = True) -> None:
        link = folder / "usb-relay"
        self.board = LcusBoard(2, answers=answers, link=link)
        settings = LcusSettings(driver="lcus", port=link, channel_in=1, channel_out=2)
        self.turnstile = open_turnstile(settings)

    def opened(self) -> set[Direction]:
        return {self.ways[channel] for channel, on in self.board.relays.items() if on}

    def noise(self, data: bytes) -> None:
        self.board.say(data)

    def unplug(self) -> None:
        self.board.unplug()

    def replug(self) -> None:
        self.board.replug()

    def close(self) -> None:
        self.turnstile.close()
        self.board.close()


HARNESSES: dict[str, Callable[[Path], Harness]] = {
    "simulated": SimulatedHarness,
    "lcus": LcusHarness,
    "lcus-silent": lambda folder: LcusHarness(folder, answers=False),
}


def becomes(read: Callable[[], object], wanted: object) -> bool:
    """Whether a reading takes a value within the time that a busy machine may need."""
    until = time.monotonic() + PATIENCE
    while read() != wanted and time.monotonic() < until:
        time.sleep(0.002)
    return read() == wanted
