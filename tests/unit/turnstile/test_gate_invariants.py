"""What must hold at the gate whatever happens in whatever order."""

from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.domain.events import Direction
from turnstile.gate import (
    ControllerBack,
    ControllerLost,
    Event,
    FireAlarm,
    Gate,
    Granted,
    Lock,
    OpenAll,
    PassageCompleted,
    PassageStarted,
    RecordNotPassed,
    RecordPassed,
    Release,
    Reset,
    State,
    Tick,
    Timing,
)

directions = st.sampled_from(Direction)
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
                    assert isinstance(event, Granted), "only a grant releases"
                    assert direction is event.direction
                case Lock():
                    assert before is not State.EMERGENCY or isinstance(event, Reset), "locked in a fire"
                    self.all_open = False
                case OpenAll():
                    assert self.gate.state is State.EMERGENCY
                    self.all_open = True
                case RecordPassed(event_id):
                    assert isinstance(event, PassageCompleted), "recorded before anybody passed"
                    assert event.direction is self.grants[event_id]
                    self.credited[event.direction] += 1
                    self.settled.append(event_id)
                case RecordNotPassed(event_id):
                    self.settled.append(event_id)

    @precondition(lambda self: self.gate.state is State.LOCKED)
    @rule(direction=directions)
    def grant(self, direction: Direction) -> None:
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

    @precondition(lambda self: self.gate.state in (State.EMERGENCY, State.HELD_OPEN))
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
        assert self.all_open is (self.gate.state is State.EMERGENCY) or self.gate.state is State.FAULT

    @invariant()
    def whatever_is_under_way_has_a_deadline(self) -> None:
        if self.gate.state in (State.RELEASED, State.PASSING):
            assert self.gate.deadline is not None

    @invariant()
    def a_locked_gate_owes_nothing(self) -> None:
        if self.gate.state is State.LOCKED:
            assert set(self.settled) == set(self.grants)
            assert self.gate.deadline is None

    def teardown(self) -> None:
        """Time and staff always bring the gate back, with every grant settled."""
        if not hasattr(self, "gate"):
            return
        self.send(ControllerBack())
        self.send(Tick(self.now + 1000))
        if self.gate.state in (State.EMERGENCY, State.HELD_OPEN):
            self.send(Reset())
        assert self.gate.state is State.LOCKED
        self.a_locked_gate_owes_nothing()


TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
