"""A cue can be read: it does not flicker, and it does not outlive its truth."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.events import Direction
from turnstile.cue import HINTS, Cue
from turnstile.gate_states import State
from turnstile.showing import (
    GRANTED_SECONDS,
    LINGER_SECONDS,
    REFUSED_SECONDS,
    Showing,
    Shown,
)

FRAME = 0.05
HINTED = sorted(set(HINTS.values()))


@dataclass
class Screen:
    """A gate's screen with a clock of the test's."""

    showing: Showing
    now: float = 100.0

    def after(self, seconds: float, state: State = State.LOCKED) -> Shown:
        self.now += seconds
        return self.showing.at(state, self.now)


@pytest.fixture
def screen() -> Screen:
    return Screen(Showing(Direction.IN, Cue.READY))


def test_a_hint_is_shown_with_the_frame_that_asks_for_it(screen: Screen) -> None:
    assert screen.after(0).cue is Cue.READY
    screen.showing.hint(Cue.COME_CLOSER, screen.now)
    assert screen.after(0).cue is Cue.COME_CLOSER
    assert screen.after(LINGER_SECONDS + FRAME).cue is Cue.READY


@given(st.lists(st.none() | st.sampled_from(HINTED), max_size=200))
def test_hints_that_change_at_every_frame_do_not_flicker(frames: list[Cue | None]) -> None:
    """Children read slowly: whatever the frames say, a word stays for more than half a second."""
    screen = Screen(Showing(Direction.IN, Cue.READY))
    screen.after(0)
    changes, shown = [], Shown(Cue.READY)
    for hint in frames:
        if hint is not None:
            screen.showing.hint(hint, screen.now)
        now_shown = screen.after(FRAME)
        if now_shown != shown:
            changes.append(screen.now)
            shown = now_shown
    assert all(later - earlier > 0.5 for earlier, later in pairwise(changes))


def test_a_grant_is_shown_at_once_and_for_as_long_as_the_gate_is_open(screen: Screen) -> None:
    screen.showing.hint(Cue.COME_CLOSER, screen.now)
    screen.after(0)
    screen.showing.decided(Shown(Cue.WELCOME, "Айша"), screen.now)
    assert screen.after(0, State.RELEASED) == Shown(Cue.WELCOME, "Айша")
    assert screen.after(GRANTED_SECONDS + 10, State.RELEASED) == Shown(Cue.WELCOME, "Айша")
    assert screen.after(FRAME, State.PASSED) == Shown(Cue.READY)


def test_a_name_is_gone_with_its_grant(screen: Screen) -> None:
    """The next child must not read the name of the one before."""
    screen.showing.decided(Shown(Cue.WELCOME, "Айша"), screen.now)
    screen.after(0, State.RELEASED)
    screen.showing.decided(Shown(Cue.WELCOME), screen.now)
    assert screen.after(0, State.RELEASED) == Shown(Cue.WELCOME)
    assert screen.after(0, State.EMERGENCY) == Shown(Cue.EMERGENCY)


def test_an_emergency_does_not_wait_for_a_welcome_to_end(screen: Screen) -> None:
    screen.showing.decided(Shown(Cue.WELCOME), screen.now)
    screen.after(0, State.RELEASED)
    assert screen.after(0, State.EMERGENCY).cue is Cue.EMERGENCY
    assert screen.after(0, State.FAULT).cue is Cue.OUT_OF_SERVICE


def test_a_refusal_is_readable_and_stays_as_long_as_the_person_does(screen: Screen) -> None:
    screen.showing.decided(Shown(Cue.USE_CARD), screen.now)
    assert screen.after(0).cue is Cue.USE_CARD
    for _ in range(200):
        screen.showing.still_refused(screen.now)
        assert screen.after(FRAME).cue is Cue.USE_CARD
    assert screen.after(LINGER_SECONDS + FRAME).cue is Cue.READY
    assert 200 * FRAME > REFUSED_SECONDS


def test_a_frame_that_refuses_does_not_prolong_a_welcome(screen: Screen) -> None:
    screen.showing.decided(Shown(Cue.WELCOME), screen.now)
    screen.after(GRANTED_SECONDS - FRAME)
    screen.showing.still_refused(screen.now)
    assert screen.after(FRAME * 2).cue is Cue.READY


def test_the_next_person_in_a_queue_is_welcomed_at_once(screen: Screen) -> None:
    screen.showing.decided(Shown(Cue.USE_CARD), screen.now)
    screen.after(FRAME)
    screen.showing.decided(Shown(Cue.WELCOME), screen.now)
    assert screen.after(0, State.RELEASED).cue is Cue.WELCOME
