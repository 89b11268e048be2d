"""Nobody in front of the gate is left without a word, and no word says more than it may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.events import Direction
from edge.vision.quality.component import Hint
from tests.builders import child_id
from turnstile.cue import GRANTED, HINTS, LOOKS, REFUSALS, STATES, Cue, cue, hinted, resting, told
from turnstile.gate_states import State

IN, OUT = Direction.IN, Direction.OUT
HURT = {
    Reason.NOT_RECOGNISED,
    Reason.CONSENT_MISSING,
    Reason.NOT_LIVE,
    Reason.AMBIGUOUS,
    Reason.PAD_UNAVAILABLE,
}
cues = st.sampled_from(Cue)


def test_every_state_reason_and_hint_has_its_cue() -> None:
    """A new one that is forgotten here would leave a child standing before a screen that says nothing."""
    assert set(STATES) == set(State)
    assert set(REFUSALS) == {reason for reason in Reason if not reason.grants}
    assert set(LOOKS) == set(Hint)
    assert set(HINTS) <= set(REFUSALS)


def test_every_cue_can_be_shown() -> None:
    rests = {
        resting(faces=faces, awaited=awaited, camera=camera, readers=readers)
        for faces in (True, False)
        for awaited in (True, False)
        for camera in (True, False)
        for readers in (True, False)
    }
    reachable = {
        *STATES.values(),
        *REFUSALS.values(),
        *HINTS.values(),
        *LOOKS.values(),
        *GRANTED,
        *rests,
        Cue.USE_CODE,
    }
    assert reachable - {None} == set(Cue)


@pytest.mark.parametrize("reason", sorted(HURT))
def test_no_bystander_learns_who_has_no_consent(reason: Reason) -> None:
    """A missing consent, a stranger and a photograph look the same on the screen."""
    assert told(Decision(Outcome.REFUSE, reason), IN, faces=True, readers=True) is Cue.USE_CARD
    assert told(Decision(Outcome.REFUSE, reason), IN, faces=True, readers=False) is Cue.USE_CODE


@pytest.mark.parametrize("reason", sorted(HURT))
def test_whoever_has_shown_a_card_already_is_not_asked_for_it_again(reason: Reason) -> None:
    for readers in (True, False):
        assert told(Decision(Outcome.REFUSE, reason), IN, faces=False, readers=readers) is Cue.ASK_STAFF


@pytest.mark.parametrize("reason", sorted(reason for reason in Reason if reason.grants))
def test_a_grant_is_a_welcome_or_a_goodbye(reason: Reason) -> None:
    granted = Decision(Outcome.GRANT, reason, child_id(1))
    cues = tuple(told(granted, way, faces=True, readers=True) for way in (IN, OUT))
    assert cues == (Cue.WELCOME, Cue.GOODBYE)


@given(st.sampled_from(State), st.sampled_from(Direction), st.none() | cues, st.none() | cues, cues)
def test_a_gate_that_is_not_working_or_burning_never_says_welcome(
    state: State, direction: Direction, verdict: Cue | None, hint: Cue | None, rest: Cue
) -> None:
    shown = cue(state, direction, verdict, hint, rest)
    if state is State.EMERGENCY:
        assert shown is Cue.EMERGENCY
    if state is State.FAULT:
        assert shown is Cue.OUT_OF_SERVICE
    if state is State.CLOSED and direction is IN:
        assert shown is Cue.CLOSED


@given(st.sampled_from(State), st.none() | cues, cues)
def test_no_lockdown_tells_anybody_that_the_way_out_is_closed(
    state: State, hint: Cue | None, rest: Cue
) -> None:
    for open_rest in (Cue.READY, Cue.SHOW_CARD):
        assert cue(state, OUT, None, None, open_rest) is not Cue.CLOSED


def test_a_gate_that_opens_shows_that_it_is_open_even_without_a_verdict() -> None:
    """Somebody inside pressed the button: what the last refused person was told is over."""
    assert cue(State.RELEASED, IN, None, Cue.COME_CLOSER, Cue.READY) is Cue.GOODBYE
    assert cue(State.RELEASED, IN, Cue.USE_CARD, None, Cue.READY) is Cue.GOODBYE
    assert cue(State.RELEASED, IN, Cue.WELCOME, None, Cue.READY) is Cue.WELCOME


def test_the_next_in_the_queue_waits_while_somebody_passes() -> None:
    assert cue(State.PASSING, IN, None, Cue.COME_CLOSER, Cue.READY) is Cue.WAIT


def test_a_face_that_needs_help_is_told_what_helps() -> None:
    look_again = Decision(Outcome.WAIT, Reason.LOOK_AGAIN)
    assert hinted(look_again, None) is Cue.LOOK_HERE
    assert hinted(look_again, Hint.UNCOVER_FACE) is Cue.UNCOVER_FACE
    assert hinted(Decision(Outcome.WAIT, Reason.SEVERAL_FACES), None) is Cue.ONE_AT_A_TIME
    assert hinted(Decision(Outcome.WAIT, Reason.NO_FACE), Hint.COME_CLOSER) is None


def test_a_refused_frame_accuses_nobody_before_the_verdict() -> None:
    assert hinted(Decision(Outcome.REFUSE, Reason.NOT_RECOGNISED), None) is None


def test_a_gate_whose_camera_is_gone_asks_for_cards_or_sends_people_elsewhere() -> None:
    assert resting(faces=True, awaited=False, camera=False, readers=True) is Cue.SHOW_CARD
    assert resting(faces=True, awaited=False, camera=False, readers=False) is Cue.OUT_OF_SERVICE


def test_nobody_is_asked_for_a_card_where_nothing_reads_one() -> None:
    """The camera reads passes; a child with one must see that it counts."""
    assert resting(faces=True, awaited=False, camera=True, readers=False) is Cue.FACE_OR_CODE
    assert resting(faces=False, awaited=False, camera=True, readers=False) is Cue.SHOW_CODE
    assert resting(faces=True, awaited=False, camera=True, readers=True) is Cue.READY


def test_whoever_showed_a_card_is_asked_to_look_at_the_camera() -> None:
    assert resting(faces=False, awaited=False, camera=True, readers=True) is Cue.CARD_OR_CODE
    assert resting(faces=False, awaited=True, camera=True, readers=True) is Cue.LOOK_HERE
