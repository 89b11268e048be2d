"""Relays at the Pi's own pins, through gpiozero. A pin that is taken is driven with its relay off at once.

What a pin does when the program is killed is the kernel's affair; a relay board with a resistor that pulls
its input to the side of "off" stays off with a pin that nobody drives.
"""

from collections.abc import Callable

from gpiozero import DigitalOutputDevice, Factory

from edge.errors import TurnstileError
from turnstile.drivers.settings import GpioSettings

PINS = "Check the numbers (BCM, as the command pinout prints them) and who else uses these pins"


class GpioRelays:
    """Channels are BCM pin numbers. `chip` opens the GPIO chip anew; raises TurnstileError."""

    def __init__(self, settings: GpioSettings, chip: Callable[[], Factory]) -> None:
        self._settings = settings
        self._chip = chip
        self._factory: Factory | None = None
        self._pins: dict[int, DigitalOutputDevice] = {}
        self._wanted: dict[int, bool] = {}

    def open(self) -> None:
        """Take the pins."""
        self._factory = self._chip()
        try:
            for number in self._settings.channels.values():
                self._pins[number] = DigitalOutputDevice(
                    number,
                    active_high=self._settings.active_high,
                    initial_value=False,
                    pin_factory=self._factory,
                )
        except Exception as error:  # lgpio has its own error type, known only where it is installed
            self.close()
            raise TurnstileError(f"a GPIO output cannot be had: {error}", PINS) from error

    def on(self, channel: int) -> None:
        """Close a relay; what becomes of it when this program is killed is the kernel's affair."""
        self._set(channel, on=True)

    def latch(self, channel: int) -> None:
        """Close a relay."""
        self._set(channel, on=True)

    def off(self, channel: int) -> None:
        """Open a relay."""
        self._set(channel, on=False)

    def confirm(self) -> None:
        """Read the pins back."""
        self.step()

    def step(self) -> None:
        """Read the pins back: one that is shorted does not follow."""
        for channel, on in self._wanted.items():
            if bool(self._pin(channel).value) is not on:
                raise TurnstileError(
                    f"GPIO pin {channel} does not follow", "Look for a short or a second user"
                )

    def close(self) -> None:
        """Give the pins and the chip back; they become inputs."""
        for pin in self._pins.values():
            pin.close()
        self._pins.clear()
        self._wanted.clear()
        if self._factory is not None:
            self._factory.close()
            self._factory = None

    def _set(self, channel: int, *, on: bool) -> None:
        pin = self._pin(channel)
        if on:
            pin.on()
        else:
            pin.off()
        self._wanted[channel] = on

    def _pin(self, channel: int) -> DigitalOutputDevice:
        if channel not in self._pins:
            raise TurnstileError("the GPIO pins are not taken", PINS)
        return self._pins[channel]
