"""From the configuration to a source of inputs; nothing is probed and nothing falls back."""

from typing import assert_never

from edge.errors import ConfigError
from turnstile.drivers.relays import RelayTurnstile
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate import Inputs, Turnstile
from turnstile.inputs.board import BoardPassages
from turnstile.inputs.settings import BoardInputs, GpioInputs, InputSettings, ModbusInputs, SimulatedInputs


def open_inputs(settings: InputSettings, turnstile: Turnstile) -> Inputs:
    """Open the named inputs of this turnstile. Raises ConfigError or TurnstileError."""
    match settings:
        case SimulatedInputs():
            if not isinstance(turnstile, SimulatedTurnstile):
                raise ConfigError(
                    "inputs 'simulated' need the driver 'simulated'", "Name 'gpio' or 'board' as their source"
                )
            return turnstile
        case BoardInputs():
            return BoardPassages(settings.path)
        case GpioInputs():
            from turnstile.drivers.chip import open_chip  # noqa: PLC0415  (gpiozero starts slowly)
            from turnstile.inputs.gpio import GpioContacts  # noqa: PLC0415

            return GpioContacts(settings, open_chip())
        case ModbusInputs():
            return _modbus(settings, turnstile)
    assert_never(settings)


def _modbus(settings: ModbusInputs, turnstile: Turnstile) -> Inputs:
    from turnstile.drivers.modbus_rtu import ModbusRelays  # noqa: PLC0415  (pymodbus starts slowly)
    from turnstile.inputs.modbus_rtu import ModbusContacts  # noqa: PLC0415

    if isinstance(turnstile, RelayTurnstile) and isinstance(turnstile.relays, ModbusRelays):
        return ModbusContacts(settings, turnstile.relays)
    raise ConfigError("inputs 'modbus_rtu' need the driver 'modbus_rtu'", "Name 'gpio' as their source")
