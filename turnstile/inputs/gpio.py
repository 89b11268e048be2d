"""Inputs from dry contacts at the Pi's pins, through gpiozero.

Fire is read as a level at every poll, so that no lost interrupt can hide it; a passage may be shorter than
the time between two polls, so its edges are also collected as they happen.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from gpiozero import DigitalInputDevice, Factory, GPIOZeroError

from edge.domain.events import Direction
from edge.errors import TurnstileError
from turnstile.gate_messages import FireAlarm, PassageCompleted, PassageStarted, Signal
from turnstile.inputs.contact import Change, Contact
from turnstile.inputs.settings import GpioInputs


@dataclass(slots=True)
class _Line:
    pin: DigitalInputDevice
    contact: Contact
    edges: deque[Change] = field(default_factory=deque)


class GpioContacts:
    """Passage and fire contacts; owns `factory`. Raises TurnstileError if a pin cannot be had."""

    def __init__(
        self, settings: GpioInputs, factory: Factory, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._factory = factory
        self._clock = clock
        self._passages: dict[Direction, _Line] = {}
        self._fire: _Line | None = None
        try:
            self._passages[Direction.IN] = self._line(settings.passage_in, settings.passage_rests_closed)
            if settings.passage_out is not None:
                out = self._line(settings.passage_out, settings.passage_rests_closed)
                self._passages[Direction.OUT] = out
            if settings.fire is not None:
                self._fire = self._line(settings.fire, rests_closed=True)
        except GPIOZeroError as error:
            self.close()
            raise TurnstileError(f"a GPIO input cannot be had: {error}", "Check the pin numbers") from error

    def poll(self) -> list[Signal]:
        """Passages oldest first, then FireAlarm as long as the fire contact is open."""
        now = self._clock()
        passages: list[PassageStarted | PassageCompleted] = []
        for direction, line in self._passages.items():
            for change in self._changes(line, now):
                started = change.closed is not self._settings.passage_rests_closed
                kind = PassageStarted if started else PassageCompleted
                passages.append(kind(direction, change.at))
        passages.sort(key=lambda passage: passage.at)
        if self._fire is None:
            return [*passages]
        self._changes(self._fire, now)
        return [*passages] if self._fire.contact.closed else [*passages, FireAlarm()]

    def close(self) -> None:
        """Give the pins and the chip back."""
        lines = [*self._passages.values(), *([self._fire] if self._fire else [])]
        for line in lines:
            line.pin.close()
        self._factory.close()

    def _line(self, pin: int, rests_closed: bool) -> _Line:
        device = DigitalInputDevice(pin, pull_up=True, pin_factory=self._factory)
        line = _Line(device, Contact(closed=rests_closed, bounce=self._settings.bounce_seconds))
        device.when_activated = lambda: line.edges.append(Change(True, self._clock()))
        device.when_deactivated = lambda: line.edges.append(Change(False, self._clock()))
        return line

    @staticmethod
    def _changes(line: _Line, now: float) -> list[Change]:
        while line.edges:
            edge = line.edges.popleft()
            line.contact.read(edge.closed, edge.at)
        line.contact.read(bool(line.pin.is_active), now)
        return line.contact.changes(now)
