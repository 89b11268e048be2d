"""From the configuration to a driver; nothing is probed and nothing falls back."""

from typing import assert_never

from turnstile.drivers.lcus import LcusTurnstile
from turnstile.drivers.settings import DriverSettings, LcusSettings, SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate import Turnstile


def open_turnstile(settings: DriverSettings) -> Turnstile:
    """Open the named driver, locked. Raises TurnstileError that lists the ports present if it cannot."""
    match settings:
        case LcusSettings():
            return LcusTurnstile(settings)
        case SimulatedSettings():
            return SimulatedTurnstile(settings)
    assert_never(settings)
