"""Dry contacts at the pins: the turnstile's PASS outputs and the fire panel."""

from collections.abc import Iterator

import pytest
from gpiozero import DigitalInputDevice
from gpiozero.pins.mock import MockFactory, MockPin

from edge.domain.events import Direction
from edge.errors import TurnstileError
from turnstile.gate_messages import FireAlarm, PassageCompleted, PassageStarted
from turnstile.inputs.gpio import GpioContacts
from turnstile.inputs.settings import GpioInputs

IN, OUT = Direction.IN, Direction.OUT
PASS_IN, PASS_OUT, FIRE = 17, 27, 22


class Panel:
    """Contacts between the pins and ground, and a clock to wait by."""

    def __init__(self, *, fire: int | None = FIRE, rests_closed: bool = False) -> None:
        self.now = 10.0
        self.factory = MockFactory()
        settings = GpioInputs(
            source="gpio",
            passage_in=PASS_IN,
            passage_out=PASS_OUT,
            fire=fire,
            passage_rests_closed=rests_closed,
        )
        self.inputs = GpioContacts(settings, self.factory, lambda: self.now)
        # Taking a pin pulls the mock up; the wires are put back as they are before the first poll.
        self.pin(FIRE, closed=True)
        for passage in (PASS_IN, PASS_OUT):
            self.pin(passage, closed=rests_closed)

    def pin(self, number: int, *, closed: bool) -> None:
        pin: MockPin = self.factory.pin(number)
        if closed:
            pin.drive_low()
        else:
            pin.drive_high()

    def after(self, seconds: float) -> list[object]:
        self.now += seconds
        return list(self.inputs.poll())


@pytest.fixture
def panel() -> Iterator[Panel]:
    panel = Panel()
    assert panel.after(1.0) == []
    yield panel
    panel.inputs.close()


def test_a_child_that_passes_is_seen_entering_and_arriving_at_the_right_times(panel: Panel) -> None:
    panel.pin(PASS_IN, closed=True)
    panel.now += 0.4
    panel.pin(PASS_IN, closed=False)
    assert panel.after(1.0) == [PassageStarted(IN, 11.0), PassageCompleted(IN, 11.4)]
    assert panel.after(1.0) == []


def test_the_way_out_has_its_own_contact(panel: Panel) -> None:
    panel.pin(PASS_OUT, closed=True)
    assert panel.after(1.0) == [PassageStarted(OUT, 11.0)]


def test_a_bouncing_contact_is_one_passage(panel: Panel) -> None:
    for closed in (True, False, True, False, True):
        panel.pin(PASS_IN, closed=closed)
        panel.now += 0.002
    assert [type(signal) for signal in panel.after(1.0)] == [PassageStarted]


def test_a_cut_fire_wire_is_a_fire_at_every_poll(panel: Panel) -> None:
    panel.pin(FIRE, closed=False)
    panel.after(0.01)
    assert panel.after(0.1) == panel.after(0.1) == [FireAlarm()]
    panel.pin(FIRE, closed=True)
    panel.after(0.01)
    assert panel.after(0.1) == []


def test_a_spike_on_the_fire_wire_does_not_evacuate_the_school(panel: Panel) -> None:
    panel.pin(FIRE, closed=False)
    panel.now += 0.005
    panel.pin(FIRE, closed=True)
    assert panel.after(1.0) == []


def test_a_fire_that_began_before_the_gate_started_is_seen() -> None:
    panel = Panel()
    panel.pin(FIRE, closed=False)
    panel.after(0.01)
    assert panel.after(0.1) == [FireAlarm()]
    panel.inputs.close()


def test_without_a_fire_wire_an_open_pin_means_nothing() -> None:
    panel = Panel(fire=None)
    panel.pin(FIRE, closed=False)
    assert panel.after(1.0) == []
    panel.inputs.close()


def test_a_turnstile_whose_pass_relays_are_energised_at_rest_is_read_the_other_way_round() -> None:
    panel = Panel(rests_closed=True)
    assert panel.after(1.0) == []
    panel.pin(PASS_IN, closed=False)
    panel.now += 0.4
    panel.pin(PASS_IN, closed=True)
    assert panel.after(1.0) == [PassageStarted(IN, 11.0), PassageCompleted(IN, 11.4)]
    panel.inputs.close()


def test_a_pin_that_another_part_uses_stops_the_start_and_gives_the_rest_back() -> None:
    factory = MockFactory()
    other = DigitalInputDevice(PASS_OUT, pull_up=True, pin_factory=factory)
    settings = GpioInputs(source="gpio", passage_in=PASS_IN, passage_out=PASS_OUT)
    with pytest.raises(TurnstileError, match="GPIO input"):
        GpioContacts(settings, factory)
    other.close()
    DigitalInputDevice(PASS_IN, pull_up=True, pin_factory=factory).close()
