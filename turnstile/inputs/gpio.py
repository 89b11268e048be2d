"""Inputs from dry contacts at the Pi's pins, through gpiozero.

Every contact is read as a level at every poll, so that no lost interrupt can hide a fire; a passage may be
shorter than the time between two polls, so edges are also collected as they happen.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from gpiozero import DigitalInputDevice, Factory

from edge.errors import TurnstileError
from turnstile.gate_messages import Signal
from turnstile.inputs.contact import Change
from turnstile.inputs.contacts import Contacts, Name
from turnstile.inputs.settings import GpioInputs


@dataclass(slots=True)
class _Line:
    pin: DigitalInputDevice
    edges: deque[Change] = field(default_factory=deque)


class GpioContacts:
    """The contacts at the pins; owns `factory`. Raises TurnstileError if a pin cannot be had."""

    def __init__(
        self, settings: GpioInputs, factory: Factory, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._factory = factory
        self._clock = clock
        self._contacts = Contacts(settings.rules(settings.bounce_seconds), settings.places)
        self._lines: dict[Name, _Line] = {}
        try:
            for name, pin in settings.places.items():
                self._lines[name] = self._line(pin)
        except Exception as error:  # lgpio has its own error type, known only where it is installed
            self.close()
            raise TurnstileError(f"a GPIO input cannot be had: {error}", "Check the pin numbers") from error

    def poll(self) -> list[Signal]:
        """What happened since the last call, then FireAlarm as long as the fire contact is open."""
        now = self._clock()
        for name, line in self._lines.items():
            while line.edges:
                edge = line.edges.popleft()
                self._contacts.read(name, edge.closed, edge.at)
            self._contacts.read(name, bool(line.pin.is_active), now)
        return self._contacts.signals(now)

    def close(self) -> None:
        """Give the pins and the chip back."""
        for line in self._lines.values():
            line.pin.close()
        self._factory.close()

    def _line(self, pin: int) -> _Line:
        device = DigitalInputDevice(pin, pull_up=True, pin_factory=self._factory)
        line = _Line(device)
        device.when_activated = lambda: line.edges.append(Change(True, self._clock()))
        device.when_deactivated = lambda: line.edges.append(Change(False, self._clock()))
        return line
