"""Lamps and a buzzer at the Pi's pins, through gpiozero, whose own thread times the beeps."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from gpiozero import DigitalOutputDevice, Factory

from edge.errors import TurnstileError
from turnstile.cue import Cue
from turnstile.signals.patterns import PATTERNS, Lamp
from turnstile.signals.settings import BUZZER, GpioSignals

log = structlog.get_logger()


class GpioLamps:
    """Owns `factory`. Raises TurnstileError at construction if a pin cannot be had, and never later."""

    def __init__(self, settings: GpioSignals, factory: Factory) -> None:
        self._factory = factory
        self._devices: dict[str, DigitalOutputDevice] = {}
        try:
            for key, pin in settings.pins.items():
                self._devices[key] = DigitalOutputDevice(
                    pin, active_high=settings.active_high, initial_value=False, pin_factory=factory
                )
        except Exception as error:  # lgpio has its own error type, known only where it is installed
            self.close()
            raise TurnstileError(
                f"a GPIO output for a lamp cannot be had: {error}", "Check the pins of [signals]"
            ) from error

    def show(self, cue: Cue) -> None:
        """As `Signals.show`; the lamp that is not meant goes out first."""
        pattern = PATTERNS[cue]
        for lamp in sorted(Lamp, key=lambda lamp: lamp is pattern.lamp):
            if lamp.value in self._devices:
                with _whatever_happens(lamp.value):
                    self._devices[lamp.value].value = lamp is pattern.lamp
        if pattern.beeps is not None and BUZZER in self._devices:
            length, times = pattern.beeps.seconds, pattern.beeps.times
            with _whatever_happens(BUZZER):
                self._devices[BUZZER].blink(on_time=length, off_time=length, n=times)

    def close(self) -> None:
        """Switch off; the pins become inputs."""
        for device in self._devices.values():
            device.close()
        self._devices.clear()
        self._factory.close()


@contextmanager
def _whatever_happens(key: str) -> Iterator[None]:
    """The gate goes on, and so do the other lamps."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - lgpio has its own error type, known only where it is installed
        log.error("signals", problem=f"{key} does not work: {error}. Check its pin and wire")
