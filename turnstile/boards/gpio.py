"""A simulated relay board at the Pi's pins: what its relays do under gpiozero's mock of the GPIO chip."""

from collections.abc import Collection

from gpiozero import Factory
from gpiozero.pins.mock import MockFactory, MockPin


class _WatchedPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that remembers the levels it was driven to; as an input it drives nothing."""

    def __init__(self, factory: Factory, info: object) -> None:
        self.driven: list[bool] = []
        self.shorted_to: bool | None = None
        super().__init__(factory, info)

    def output_with_state(self, state: bool) -> None:
        """Direction and level at once, as the chip does it."""
        self._state = state
        self.function = "output"

    def _set_function(self, value: str) -> None:
        super()._set_function(value)
        if value == "output":
            self.driven.append(bool(self._state))

    def _set_state(self, value: float) -> None:
        super()._set_state(value)
        self.driven.append(bool(value))

    def _get_state(self) -> bool:
        return bool(self._state) if self.shorted_to is None else self.shorted_to


class GpioBoard:
    """Relays that close while their pin is driven to the active level; an undriven pin is pulled to "off"."""

    def __init__(self, pins: Collection[int], *, active_high: bool) -> None:
        self._numbers = tuple(pins)
        self._active = active_high
        self._shorted: set[int] = set()
        self._pins: dict[int, MockPin] = {}
        self._ever_closed: set[int] = set()
        self.open_chip()

    def open_chip(self) -> Factory:
        """The chip of this board's Pi, for a driver to take and to close."""
        self._ever_closed |= {number for number in self._pins if self.ever_closed(number)}
        chip = MockFactory(pin_class=_WatchedPin)
        self._pins = {number: chip.pin(number) for number in self._numbers}
        for number in self._shorted:
            self.short(number)
        return chip

    @property
    def relays(self) -> dict[int, bool]:
        """Every pin and whether its relay is closed."""
        return {number: self._closed(pin) for number, pin in self._pins.items()}

    def ever_closed(self, number: int) -> bool:
        """Whether a relay was closed at any time, however short."""
        return number in self._ever_closed or self._active in self._pins[number].driven

    def short(self, number: int) -> None:
        """Tie a pin to the level that closes its relay, whatever it is driven to."""
        self._shorted.add(number)
        self._pins[number].shorted_to = self._active

    def _closed(self, pin: MockPin) -> bool:
        return pin.function == "output" and bool(pin.state) is self._active
