"""What the contacts of a turnstile mean: a child that passes counts, a power cut does not."""

from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.events import Direction
from turnstile.gate_messages import (
    ExitRequested,
    FireAlarm,
    PassageCompleted,
    PassageStarted,
    ReadyBack,
    ReadyLost,
    Signal,
    Tampered,
)
from turnstile.inputs.contacts import Contacts, Name, Rules

IN, OUT = Direction.IN, Direction.OUT
BOTH = (Name.PASSAGE_IN, Name.PASSAGE_OUT)


class Turnstile:
    """Contacts as they stand, and a clock to wait by."""

    def __init__(self, *wired: Name, rests_closed: bool = True, ready_closed: bool = True) -> None:
        self.now = 10.0
        rules = Rules(passage_rests_closed=rests_closed, ready_closed=ready_closed, bounce=0.03, together=0.1)
        self._rules = rules
        self._contacts = Contacts(rules, wired)
        self._closed = {name: rules.rests_closed(name) for name in wired}

    def away(self, *names: Name) -> None:
        """These contacts leave their rest."""
        self._set(names, away=True)

    def back(self, *names: Name) -> None:
        """These contacts come back to rest."""
        self._set(names, away=False)

    def power_fails(self, *names: Name, lag: float = 0.04) -> list[Signal]:
        """All relays drop, one a moment after the other: energised contacts open."""
        told: list[Signal] = []
        for name in names:
            self._closed[name] = False
            self._contacts.read(name, False, self.now)
            told += self.after(lag)
        return told

    def power_returns(self, *names: Name, lag: float = 0.04) -> list[Signal]:
        """All relays pick up, one a moment after the other."""
        told: list[Signal] = []
        for name in names:
            self.back(name)
            told += self.after(lag)
        return told

    def after(self, seconds: float) -> list[Signal]:
        """What is told, looking every hundredth of a second as the gate does."""
        told: list[Signal] = []
        for _ in range(round(seconds * 100)):
            self.now = round(self.now + 0.01, 6)
            for name, closed in self._closed.items():
                self._contacts.read(name, closed, self.now)
            told += self._contacts.signals(self.now)
        return told

    def _set(self, names: Collection[Name], *, away: bool) -> None:
        for name in names:
            self._closed[name] = self._rules.rests_closed(name) is not away
            self._contacts.read(name, self._closed[name], self.now)


@pytest.mark.parametrize("rests_closed", [True, False])
def test_a_child_that_passes_is_told_with_the_times_of_its_steps(rests_closed: bool) -> None:
    turnstile = Turnstile(*BOTH, Name.READY, rests_closed=rests_closed)
    turnstile.away(Name.PASSAGE_IN)
    told = turnstile.after(0.5)
    turnstile.back(Name.PASSAGE_IN)
    told += turnstile.after(0.5)
    assert told == [PassageStarted(IN, 10.0), PassageCompleted(IN, 10.5)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_power_loss_that_moves_every_contact_is_no_passage(order: tuple[int, int, int]) -> None:
    """PERCo's PASS relays are energised at rest: without power both say that somebody passes."""
    turnstile = Turnstile(*BOTH, Name.READY)
    contacts = (*BOTH, Name.READY)
    told = turnstile.power_fails(*(contacts[place] for place in order))
    assert told + turnstile.after(10) == [ReadyLost()]
    told = turnstile.power_returns(*(contacts[place] for place in order))
    assert told + turnstile.after(1) == [ReadyBack()]
    turnstile.away(Name.PASSAGE_OUT)
    assert [type(told) for told in turnstile.after(1)] == [PassageStarted]


def test_without_a_ready_contact_both_passages_at_once_are_the_power() -> None:
    """TTR-10A: its "not ready" contact does not move when the power goes."""
    turnstile = Turnstile(*BOTH)
    told = turnstile.power_fails(*BOTH)
    assert told + turnstile.after(5) == [ReadyLost()]
    told = turnstile.power_returns(*BOTH)
    assert told + turnstile.after(1) == [ReadyBack()]


def test_a_power_loss_while_a_child_is_inside_tells_no_arrival() -> None:
    turnstile = Turnstile(*BOTH, Name.READY)
    turnstile.away(Name.PASSAGE_IN)
    assert turnstile.after(0.5) == [PassageStarted(IN, 10.0)]
    told = turnstile.power_fails(Name.READY, Name.PASSAGE_OUT)
    assert told + turnstile.after(5) == [ReadyLost()]
    told = turnstile.power_returns(Name.READY, *BOTH)
    assert told + turnstile.after(1) == [ReadyBack()]


@pytest.mark.parametrize("order", [(Name.PASSAGE_IN, Name.READY), (Name.READY, Name.PASSAGE_IN)])
def test_a_relay_that_drops_back_to_rest_with_the_power_is_no_arrival(order: tuple[Name, Name]) -> None:
    """Where PASS rests open, a power loss in the middle of a passage looks like its end."""
    turnstile = Turnstile(*BOTH, Name.READY, rests_closed=False)
    turnstile.away(Name.PASSAGE_IN)
    assert turnstile.after(0.5) == [PassageStarted(IN, 10.0)]
    told = turnstile.power_fails(*order, lag=0.08)
    assert told + turnstile.after(5) == [ReadyLost()]


def test_a_passage_shortly_before_the_power_went_still_counts() -> None:
    turnstile = Turnstile(*BOTH, Name.READY)
    turnstile.away(Name.PASSAGE_IN)
    told = turnstile.after(0.5)
    turnstile.back(Name.PASSAGE_IN)
    turnstile.now = round(turnstile.now + 0.12, 6)
    told += turnstile.power_fails(*BOTH, Name.READY)
    told += turnstile.after(1)
    assert told == [PassageStarted(IN, 10.0), PassageCompleted(IN, 10.5), ReadyLost()]


def test_a_passage_that_was_not_released_is_told_although_ready_is_lost() -> None:
    """PERCo opens READY when somebody turns the arms by force: that must not pass for a power loss."""
    turnstile = Turnstile(*BOTH, Name.READY)
    turnstile.away(Name.READY)
    told = turnstile.after(0.05)
    turnstile.away(Name.PASSAGE_IN)
    told += turnstile.after(0.5)
    turnstile.back(Name.PASSAGE_IN)
    told += turnstile.after(0.02)
    turnstile.back(Name.READY)
    told += turnstile.after(0.5)
    passed = [type(signal) for signal in told if isinstance(signal, PassageStarted | PassageCompleted)]
    assert passed == [PassageStarted, PassageCompleted]
    assert [signal for signal in told if isinstance(signal, ReadyLost | ReadyBack)] == [
        ReadyLost(),
        ReadyBack(),
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_with_one_passage_contact_it_is_the_power_that_moves_it_together_with_ready(
    order: tuple[int, int],
) -> None:
    turnstile = Turnstile(Name.PASSAGE_IN, Name.READY)
    contacts = (Name.PASSAGE_IN, Name.READY)
    told = turnstile.power_fails(*(contacts[place] for place in order))
    assert told + turnstile.after(5) == [ReadyLost()]
    told = turnstile.power_returns(*(contacts[place] for place in order))
    assert told + turnstile.after(1) == [ReadyBack()]


def test_nothing_counts_until_everybody_is_out_of_a_turnstile_that_came_back() -> None:
    turnstile = Turnstile(*BOTH, Name.READY)
    turnstile.power_fails(Name.READY, *BOTH)
    turnstile.after(1)
    told = turnstile.power_returns(Name.READY, Name.PASSAGE_OUT)
    assert told + turnstile.after(3) == []
    told = turnstile.power_returns(Name.PASSAGE_IN)
    assert told + turnstile.after(1) == [ReadyBack()]


def test_a_turnstile_without_power_at_the_start_is_not_ready() -> None:
    turnstile = Turnstile(*BOTH)
    turnstile.away(*BOTH)
    assert turnstile.after(1) == [ReadyLost()]


def test_a_not_ready_contact_may_close_instead() -> None:
    turnstile = Turnstile(Name.PASSAGE_IN, Name.READY, ready_closed=False)
    assert turnstile.after(1) == []
    turnstile.away(Name.READY)
    assert turnstile.after(1) == [ReadyLost()]


def test_a_contact_alone_is_told_without_waiting_for_others() -> None:
    turnstile = Turnstile(Name.PASSAGE_IN)
    turnstile.away(Name.PASSAGE_IN)
    assert turnstile.after(0.05) == [PassageStarted(IN, 10.0)]


def test_an_opened_housing_is_told_once_each_time() -> None:
    turnstile = Turnstile(Name.PASSAGE_IN, Name.TAMPER)
    turnstile.away(Name.TAMPER)
    assert turnstile.after(2) == [Tampered(10.0)]
    turnstile.back(Name.TAMPER)
    assert turnstile.after(2) == []
    turnstile.away(Name.TAMPER)
    assert [type(told) for told in turnstile.after(1)] == [Tampered]


def test_the_exit_button_is_told_at_every_press_and_not_at_its_release() -> None:
    turnstile = Turnstile(Name.PASSAGE_IN, Name.REQUEST_TO_EXIT)
    for _ in range(2):
        turnstile.away(Name.REQUEST_TO_EXIT)
        assert [type(told) for told in turnstile.after(0.5)] == [ExitRequested]
        turnstile.back(Name.REQUEST_TO_EXIT)
        assert turnstile.after(0.5) == []


def test_a_fire_is_told_whatever_the_turnstile_does() -> None:
    turnstile = Turnstile(*BOTH, Name.READY, Name.FIRE)
    turnstile.power_fails(*BOTH, Name.READY)
    turnstile.away(Name.FIRE)
    assert turnstile.after(1)[-1] == FireAlarm()


moves = st.lists(
    st.tuples(st.sampled_from([*BOTH, Name.READY]), st.booleans(), st.sampled_from([0.01, 0.05, 0.2, 0.7])),
    max_size=25,
)


@settings(deadline=None)
@given(moves, st.sampled_from([(*BOTH, Name.READY), BOTH, (Name.PASSAGE_IN, Name.READY)]))
def test_whatever_the_contacts_do_nobody_arrives_who_had_not_entered(
    moves: list[tuple[Name, bool, float]], wired: tuple[Name, ...]
) -> None:
    turnstile = Turnstile(*wired)
    told: list[Signal] = []
    for name, away, wait in moves:
        if name in wired:
            (turnstile.away if away else turnstile.back)(name)
        told += turnstile.after(wait)
    turnstile.back(*wired)
    told += turnstile.after(1)
    ready, inside = True, dict.fromkeys(Direction, False)
    interrupted = dict.fromkeys(Direction, False)
    for signal in told:
        match signal:
            case ReadyLost():
                assert ready
                ready, interrupted = False, dict.fromkeys(Direction, True)
            case ReadyBack():
                assert not ready
                ready = True
            case PassageStarted(direction):
                assert not inside[direction] or interrupted[direction]
                inside[direction], interrupted[direction] = True, False
            case PassageCompleted(direction):
                assert inside[direction], "nobody had entered"
                inside[direction] = False
    assert ready
