"""Inputs from dry contacts at the Modbus board that also holds the relays."""

import time
from collections.abc import Callable

from edge.errors import TurnstileError
from turnstile.drivers.modbus_rtu import ModbusRelays
from turnstile.gate_messages import ControllerLost, Signal
from turnstile.inputs.contacts import Contacts
from turnstile.inputs.settings import ModbusInputs


class ModbusContacts:
    """Reads the board's inputs over its driver's line; `relays` is the driver's and stays so."""

    def __init__(
        self, settings: ModbusInputs, relays: ModbusRelays, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._relays = relays
        self._clock = clock
        self._contacts = Contacts(settings.rules(settings.bounce_seconds), settings.places)
        self._next = 0.0

    def poll(self) -> list[Signal]:
        """What happened since the last call; ControllerLost for as long as the board is away."""
        lost = False
        now = self._clock()
        if now >= self._next:
            self._next = now + self._settings.poll_seconds
            lost = not self._read(now)
        told = self._contacts.signals(now)
        return [*told, ControllerLost()] if lost else told

    def close(self) -> None:
        """The line is the driver's."""

    def _read(self, now: float) -> bool:
        places = self._settings.places
        try:
            states = self._relays.inputs(max(places.values()))
        except TurnstileError:
            return False
        if states is not None:
            for name, number in places.items():
                self._contacts.read(name, states[number - 1], now)
        return True
