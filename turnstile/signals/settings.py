"""Where lamps and a buzzer are wired; a gate without any names none."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from edge.config import Settings
from turnstile.drivers.settings import Pin
from turnstile.signals.patterns import Lamp

BUZZER = "buzzer"


class NoSignals(Settings):
    """Neither lamps nor a buzzer."""

    driver: Literal["none"] = "none"


class GpioSignals(Settings):
    """Lamps and a buzzer at the Pi's own pins (BCM numbers), each of which may be left out.

    `active_high`: whether 3.3 V switches one on. A pin gives a few milliamperes: drive lamps through a
    transistor or a relay module.
    """

    driver: Literal["gpio"]
    green: Pin | None = None
    red: Pin | None = None
    amber: Pin | None = None
    buzzer: Pin | None = None
    active_high: bool

    @property
    def pins(self) -> dict[str, int]:
        """What is wired, by its key, and where."""
        wired = {key: getattr(self, key) for key in (*(lamp.value for lamp in Lamp), BUZZER)}
        return {key: pin for key, pin in wired.items() if pin is not None}

    @model_validator(mode="after")
    def _own_pins(self) -> Self:
        pins = list(self.pins.values())
        if not pins:
            raise ValueError('names no pin: give green, red, amber or buzzer, or driver = "none"')
        if len(set(pins)) < len(pins):
            raise ValueError("two signals share a pin")
        return self


SignalSettings: TypeAlias = Annotated[NoSignals | GpioSignals, Field(discriminator="driver")]
