"""From the configuration to a source of inputs; nothing is probed and nothing falls back."""

from typing import assert_never

from edge.errors import ConfigError, TurnstileError
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate import Inputs, Turnstile
from turnstile.inputs.board import BoardPassages
from turnstile.inputs.settings import BoardInputs, GpioInputs, InputSettings, SimulatedInputs


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
            return _gpio(settings)
    assert_never(settings)


def _gpio(settings: GpioInputs) -> Inputs:
    try:
        # Named, never gpiozero's own choice: that falls back to a slower or simulated one with a warning.
        from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415  (only a Pi has lgpio)

        from turnstile.inputs.gpio import GpioContacts  # noqa: PLC0415
    except ImportError as error:
        raise TurnstileError("GPIO needs the package lgpio", "Install python3-lgpio on the Pi") from error
    try:
        factory = LGPIOFactory()
    except Exception as error:  # lgpio has its own error type, known only where it is installed
        raise TurnstileError("this computer has no GPIO chip", "Use inputs 'board' here") from error
    return GpioContacts(settings, factory)
