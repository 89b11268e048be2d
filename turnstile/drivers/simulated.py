"""A turnstile without hardware: it opens and locks in memory, and simulated people walk through it.

It is a driver and, because it sees its people, a source of inputs as well.
"""

import time
from collections.abc import Callable

from edge.domain.events import Direction
from edge.errors import TurnstileError
from turnstile.boards.people import Behaviour, People
from turnstile.drivers.settings import SimulatedSettings
from turnstile.gate_messages import ControllerBack, ControllerLost, FireAlarm, Signal


class SimulatedTurnstile:
    """Turnstile and Inputs in one; `clock` gives seconds of the monotonic clock."""

    def __init__(self, settings: SimulatedSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._people = People(settings)
        self._open: set[Direction] = set()
        self._plugged = True
        self._connected = True
        self._told_connected = True
        self._happened: list[Signal] = []

    @property
    def opened(self) -> frozenset[Direction]:
        """The directions that are open now."""
        return frozenset(self._open)

    def release(self, direction: Direction) -> None:
        """Open one direction; the next simulated person acts."""
        self._require_connection()
        if direction not in self._open:
            self._open.add(direction)
            self._people.released(direction, self._clock())

    def lock(self) -> None:
        """Withdraw every release."""
        self._require_connection()
        self._fall()

    def open_all(self) -> None:
        """Open both directions."""
        self._require_connection()
        self._open.update(Direction)

    def step(self) -> None:
        """Nothing to keep up."""
        self._require_connection()

    def reconnect(self) -> None:
        """Start again, locked, once the controller is plugged in."""
        self._connected = self._plugged
        self._require_connection()
        self._fall()

    def close(self) -> None:
        """Lock."""
        self._fall()

    def poll(self) -> list[Signal]:
        """What the people did, whether it burns, and whether the controller came or went."""
        now = self._clock()
        signals: list[Signal] = [*self._people.due(now), *self._happened]
        self._happened.clear()
        if self._people.burning(now):
            signals.append(FireAlarm())
        if self._connected is not self._told_connected:
            self._told_connected = self._connected
            signals.append(ControllerBack() if self._connected else ControllerLost())
        return signals

    @property
    def inside(self) -> int:
        """How many people are in the turnstile."""
        return self._people.inside

    @property
    def walking(self) -> int:
        """How many people are in the turnstile or on their way into it."""
        return self._people.walking

    def next_does(self, behaviour: Behaviour) -> None:
        """Say what the person of the next release does."""
        self._people.next_does(behaviour)

    def walk(self, direction: Direction) -> None:
        """Somebody walks through unasked."""
        self._people.walk(direction, self._clock())

    def happen(self, signal: Signal) -> None:
        """Let the next poll tell of a button, an opened housing, or a turnstile that is not ready."""
        self._happened.append(signal)

    def fire(self) -> None:
        """Start a fire alarm."""
        self._people.fire(self._clock())

    def fire_over(self) -> None:
        """End the fire alarm."""
        self._people.fire_over()

    def unplug(self) -> None:
        """Take the controller away: without power it locks."""
        self._plugged = self._connected = False
        self._fall()

    def replug(self) -> None:
        """Put the controller back, for `reconnect` to find."""
        self._plugged = True

    def _require_connection(self) -> None:
        if not self._connected:
            raise TurnstileError("the simulated turnstile is unplugged", "Plug it in again")

    def _fall(self) -> None:
        self._open.clear()
        self._people.locked()
