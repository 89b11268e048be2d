"""Lamps and the buzzer say what the screen says, and no broken lamp stops the gate."""

import time
from collections.abc import Iterator

import pytest
from gpiozero import DigitalInputDevice
from gpiozero.pins.mock import MockFactory, MockPin
from structlog.testing import capture_logs

from edge.errors import TurnstileError
from turnstile.cue import GRANTED, REFUSED, Cue
from turnstile.signals.factory import open_signals
from turnstile.signals.gpio import GpioLamps
from turnstile.signals.patterns import PATTERNS, Lamp
from turnstile.signals.settings import GpioSignals, NoSignals

GREEN, RED, AMBER, BUZZER = 16, 20, 21, 26
WIRED = GpioSignals(driver="gpio", green=GREEN, red=RED, amber=AMBER, buzzer=BUZZER, active_high=True)


@pytest.fixture
def chip() -> MockFactory:
    return MockFactory()


@pytest.fixture
def lamps(chip: MockFactory) -> Iterator[GpioLamps]:
    made = GpioLamps(WIRED, chip)
    yield made
    made.close()


def lit(chip: MockFactory) -> set[int]:
    return {number for number in (GREEN, RED, AMBER) if chip.pin(number).state}


def test_every_cue_has_its_lamps() -> None:
    assert set(PATTERNS) == set(Cue)


def test_green_is_for_nobody_who_may_not_go() -> None:
    """A child trusts the green lamp."""
    green = {cue for cue, pattern in PATTERNS.items() if pattern.lamp is Lamp.GREEN}
    assert green == {*GRANTED, Cue.WALK_THROUGH, Cue.EMERGENCY}
    assert all(PATTERNS[cue].lamp is Lamp.RED for cue in REFUSED)


@pytest.mark.parametrize("cue", Cue)
def test_one_lamp_at_most_burns(lamps: GpioLamps, chip: MockFactory, cue: Cue) -> None:
    lamps.show(Cue.USE_CARD)
    lamps.show(cue)
    expected = {Lamp.GREEN: {GREEN}, Lamp.RED: {RED}, Lamp.AMBER: {AMBER}, None: set()}
    assert lit(chip) == expected[PATTERNS[cue].lamp]


def test_a_welcome_beeps_once_and_a_refusal_three_times(lamps: GpioLamps, chip: MockFactory) -> None:
    assert beeps(lamps, chip, Cue.WELCOME) == 1
    assert beeps(lamps, chip, Cue.USE_CARD) == 3
    assert beeps(lamps, chip, Cue.READY) == 0


def beeps(lamps: GpioLamps, chip: MockFactory, cue: Cue) -> int:
    """How often the buzzer went on for this cue."""
    pin: MockPin = chip.pin(BUZZER)
    pin.clear_states()
    lamps.show(cue)
    pattern = PATTERNS[cue].beeps
    until = time.monotonic() + 5
    wanted = 1 + (2 * pattern.times if pattern else 0)
    while len(pin.states) < wanted and time.monotonic() < until:
        time.sleep(0.01)
    assert not pin.state
    return sum(state.state for state in pin.states[1:])


def test_a_lamp_that_fails_is_logged_and_the_others_burn(chip: MockFactory, lamps: GpioLamps) -> None:
    def broken(_: object) -> None:
        raise OSError("the chip is gone")

    lamps.show(Cue.WELCOME)
    chip.pin(GREEN)._set_state = broken
    with capture_logs() as lines:
        lamps.show(Cue.USE_CARD)
    assert ["green does not work" in line["problem"] for line in lines] == [True]
    assert RED in lit(chip)
    del chip.pin(GREEN)._set_state


def test_lamps_that_are_lit_by_a_low_level_start_dark() -> None:
    chip = MockFactory()
    lamps = GpioLamps(GpioSignals(driver="gpio", red=RED, active_high=False), chip)
    assert chip.pin(RED).state
    lamps.show(Cue.CLOSED)
    assert not chip.pin(RED).state
    lamps.show(Cue.WELCOME)  # there is no green lamp: the red one goes out all the same
    assert chip.pin(RED).state
    lamps.close()


def test_a_pin_that_another_part_uses_stops_the_start_and_gives_the_rest_back() -> None:
    chip = MockFactory()
    other = DigitalInputDevice(RED, pin_factory=chip)
    with pytest.raises(TurnstileError, match="lamp"):
        GpioLamps(WIRED, chip)
    other.close()
    DigitalInputDevice(GREEN, pin_factory=chip).close()


def test_a_gate_without_lamps_opens_none() -> None:
    assert open_signals(NoSignals()) is None


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "names no pin"),
        ({"green": 5, "red": 5}, "share a pin"),
        ({"green": 28}, "green"),
        ({"blue": 5}, "blue"),
    ],
)
def test_a_mistake_in_the_wiring_is_named(fields: dict[str, int], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        GpioSignals.model_validate({"driver": "gpio", "active_high": True, **fields})
