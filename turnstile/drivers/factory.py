"""From the configuration to a driver; nothing is probed and nothing falls back."""

from typing import assert_never

from turnstile.drivers.kmtronic import Kmtronic
from turnstile.drivers.lcus import Lcus
from turnstile.drivers.numato import Numato
from turnstile.drivers.relays import Relays, RelayTurnstile
from turnstile.drivers.serial_relays import SerialRelays
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


def open_turnstile(settings: DriverSettings) -> Turnstile:
    """Open the named driver, locked. Raises TurnstileError that lists the ports present if it cannot."""
    if isinstance(settings, SimulatedSettings):
        return SimulatedTurnstile(settings)
    return RelayTurnstile(_relays(settings), settings.channels)


def _relays(
    settings: LcusSettings | KmtronicSettings | NumatoSettings | ModbusSettings | GpioSettings,
) -> Relays:
    match settings:
        case LcusSettings():
            return SerialRelays(settings.port, Lcus())
        case KmtronicSettings():
            return SerialRelays(settings.port, Kmtronic(settings.relays))
        case NumatoSettings():
            return SerialRelays(settings.port, Numato())
        case ModbusSettings():
            from turnstile.drivers.modbus_rtu import ModbusRelays  # noqa: PLC0415  (pymodbus starts slowly)

            return ModbusRelays(settings)
        case GpioSettings():
            from turnstile.drivers.chip import open_chip  # noqa: PLC0415  (so does gpiozero)
            from turnstile.drivers.gpio import GpioRelays  # noqa: PLC0415

            return GpioRelays(settings, open_chip)
    assert_never(settings)
