"""What the GPIO chip of a Pi is told when relays are taken; the chip itself is a record of calls here."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from edge.errors import TurnstileError
from turnstile.drivers.chip import open_chip
from turnstile.drivers.gpio import GpioRelays
from turnstile.drivers.settings import GpioSettings


class Chip(ModuleType):
    """As much of the module lgpio (0.2.2) as gpiozero asks for."""

    BOTH_EDGES, RISING_EDGE, FALLING_EDGE = 3, 1, 2
    SET_PULL_NONE, SET_PULL_UP, SET_PULL_DOWN = 128, 32, 64

    def __init__(self) -> None:
        super().__init__("lgpio")
        self.outputs: list[tuple[int, int]] = []
        self.is_output: set[int] = set()
        self.busy: set[int] = set()

    def gpiochip_open(self, _: int) -> int:
        return 1

    def gpiochip_close(self, _: int) -> None: ...

    def gpio_claim_input(self, _: int, gpio: int, *__: int) -> None:
        self.is_output.discard(gpio)

    def gpio_claim_output(self, _: int, gpio: int, level: int = 0) -> None:
        if gpio in self.busy:
            raise RuntimeError("GPIO busy")
        self.is_output.add(gpio)
        self.outputs.append((gpio, level))

    def gpio_get_mode(self, _: int, gpio: int) -> int:
        return 2 if gpio in self.is_output else 0

    def gpio_write(self, _: int, gpio: int, level: int) -> None:
        self.outputs.append((gpio, int(level)))


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chip]:
    chip = Chip()
    monkeypatch.setitem(sys.modules, "lgpio", chip)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    monkeypatch.setattr("gpiozero.pins.local.get_pi_revision", lambda: 0xC03114)  # a Pi 4
    yield chip
    sys.modules.pop("gpiozero.pins.lgpio", None)


@pytest.mark.parametrize(("active_high", "off"), [(False, 1), (True, 0)])
def test_a_pin_is_never_driven_to_on_while_it_is_taken(chip: Chip, active_high: bool, off: int) -> None:
    """gpiozero's own way drives low first: every active-low relay would click at each start."""
    settings = GpioSettings(driver="gpio", channel_in=5, channel_out=6, active_high=active_high)
    relays = GpioRelays(settings, open_chip)
    relays.open()
    assert chip.outputs == [(5, off), (6, off)]
    relays.on(5)
    relays.off(5)
    relays.close()
    assert chip.outputs[2:] == [(5, 1 - off), (5, off)]


def test_a_pin_that_the_kernel_gave_to_another_stops_the_start(chip: Chip) -> None:
    chip.busy = {6}
    relays = GpioRelays(GpioSettings(driver="gpio", channel_in=5, channel_out=6, active_high=True), open_chip)
    with pytest.raises(TurnstileError, match="GPIO busy"):
        relays.open()
    assert chip.is_output == set()
