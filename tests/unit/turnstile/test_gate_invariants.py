"""What must hold at the gate whatever happens in whatever order."""

from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.domain.events import Direction
from turnstile.gate import Gate, IllegalEvent, Timing
from turnstile.gate_messages import (
    Close,
    ControllerBack,
    ControllerLost,
    Event,
    ExitRequested,
    FireAlarm,
    Granted,
    HoldOpen,
    Lock,
    OpenAll,
    PassageCompleted,
    PassageStarted,
    RecordNotPassed,
    RecordPassed,
    Release,
    Reopen,
    Reset,
    Tampered,
    Tick,
)
from turnstile.gate_states import RESTING, UNDER_WAY, State

directions = st.sampled_from(Direction)
ENDED_BY_STAFF = (State.EMERGENCY, State.HELD_OPEN, State.HELD_BY_STAFF)
TIMING = Timing(release_seconds=5, passage_seconds=10)


class AnyDay(RuleBasedStateMachine):
    @initialize()
    def open_the_school(self) -> None:
        self.gate = Gate(TIMING)
        self.now = 0.0
        self.grants: dict[UUID, Direction] = {}
        self.settled: list[UUID] = []
        self.passages = dict.fromkeys(Direction, 0)
        self.credited = dict.fromkeys(Direction, 0)
        self.all_open = False

    def send(self, event: Event) -> None:
        before = self.gate.state
        commands = self.gate.handle(event)
        for command in commands:
            match command:
                case Release(direction):
                    asked_out = isinstance(event, ExitRequested) and direction is Direction.OUT
                    assert asked_out or isinstance(event, Granted), "only a grant releases"
                    assert asked_out or direction is event.direction  # type: ignore[union-attr] # line above
                    assert not (self.gate.closed and direction is Direction.IN), "entered a closed gate"
                case Lock():
                    assert before is not State.EMERGENCY or isinstance(event, Reset), "locked in a fire"
                    self.all_open = False
                case OpenAll():
                    assert self.gate.state in (State.EMERGENCY, State.HELD_BY_STAFF)
                    self.all_open = True
                case RecordPassed(event_id):
                    assert isinstance(event, PassageCompleted), "recorded before anybody passed"
                    assert event.direction is self.grants[event_id]
                    assert event_id not in self.settled, "two passages on one grant"
                    self.credited[event.direction] += 1
                    self.settled.append(event_id)
                case RecordNotPassed(event_id):
                    self.settled.append(event_id)

    @rule(direction=directions)
    def grant(self, direction: Direction) -> None:
        if not self.gate.may_grant(direction):
            before = self.gate.state
            with pytest.raises(IllegalEvent):
                self.gate.handle(Granted(UUID(int=999), direction, self.now))
            assert self.gate.state is before
            return
        event_id = UUID(int=len(self.grants))
        self.grants[event_id] = direction
        self.send(Granted(event_id, direction, self.now))

    @rule(direction=directions)
    def enter(self, direction: Direction) -> None:
        self.send(PassageStarted(direction, self.now))

    @rule(direction=directions)
    def arrive(self, direction: Direction) -> None:
        self.passages[direction] += 1
        self.send(PassageCompleted(direction, self.now))

    @rule(seconds=st.floats(0, 12))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.send(Tick(self.now))

    @rule()
    def burn(self) -> None:
        self.send(FireAlarm())
        assert self.gate.state is State.EMERGENCY
        assert self.all_open

    @rule()
    def press_the_exit_button(self) -> None:
        shut = self.gate.state in (*RESTING, State.CLOSED)
        self.send(ExitRequested(self.now))
        assert not shut or self.gate.state is State.RELEASED

    @rule()
    def tamper(self) -> None:
        before = self.gate.state
        self.send(Tampered(self.now))
        assert self.gate.state is before

    @rule()
    def close(self) -> None:
        self.send(Close(self.now))

    @rule()
    def reopen(self) -> None:
        self.send(Reopen())

    @precondition(lambda self: self.gate.state in (*RESTING, State.CLOSED))
    @rule()
    def hold(self) -> None:
        self.send(HoldOpen())

    @precondition(lambda self: self.gate.state in ENDED_BY_STAFF)
    @rule()
    def reset(self) -> None:
        self.send(Reset())

    @rule()
    def lose(self) -> None:
        self.send(ControllerLost())

    @rule()
    def regain(self) -> None:
        self.send(ControllerBack())

    @invariant()
    def no_grant_is_settled_twice(self) -> None:
        assert len(set(self.settled)) == len(self.settled)

    @invariant()
    def no_passage_is_credited_that_was_not_seen(self) -> None:
        assert all(self.credited[way] <= self.passages[way] for way in Direction)

    @invariant()
    def an_emergency_is_open(self) -> None:
        open_for_all = self.gate.state in (State.EMERGENCY, State.HELD_BY_STAFF)
        assert self.all_open is open_for_all or self.gate.state is State.FAULT

    @invariant()
    def whatever_is_under_way_has_a_deadline(self) -> None:
        if self.gate.state in (*UNDER_WAY, State.PASSING, *(RESTING - {State.LOCKED})):
            assert self.gate.deadline is not None

    @invariant()
    def a_locked_gate_owes_nothing(self) -> None:
        if self.gate.state in (*RESTING, State.CLOSED):
            assert set(self.settled) == set(self.grants)
        if self.gate.state in (State.LOCKED, State.CLOSED):
            assert self.gate.deadline is None

    def teardown(self) -> None:
        """Time and staff always bring the gate back, with every grant settled."""
        if not hasattr(self, "gate"):
            return
        self.send(ControllerBack())
        self.send(Tick(self.now + 1000))
        if self.gate.state in ENDED_BY_STAFF:
            self.send(Reset())
        self.send(Reopen())
        self.send(Tick(self.now + 2000))
        assert self.gate.state is State.LOCKED
        self.a_locked_gate_owes_nothing()


TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
