"""From the configuration to lamps; nothing is probed and nothing falls back."""

from typing import assert_never

from turnstile.signals.ports import Signals
from turnstile.signals.settings import GpioSignals, NoSignals, SignalSettings


def open_signals(settings: SignalSettings) -> Signals | None:
    """Open the named lamps, all off; None where there are none. Raises TurnstileError."""
    match settings:
        case NoSignals():
            return None
        case GpioSignals():
            from turnstile.drivers.chip import open_chip  # noqa: PLC0415  (gpiozero starts slowly)
            from turnstile.signals.gpio import GpioLamps  # noqa: PLC0415

            return GpioLamps(settings, open_chip())
    assert_never(settings)
