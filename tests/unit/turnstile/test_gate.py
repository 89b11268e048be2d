"""The gate as scripts of events and the commands they must give."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import pytest

from edge.domain.events import Direction
from turnstile.gate import (
    TRANSITIONS,
    AlarmKind,
    Command,
    ControllerBack,
    ControllerLost,
    Event,
    FireAlarm,
    Gate,
    Granted,
    IllegalEvent,
    Lock,
    OpenAll,
    PassageCompleted,
    PassageStarted,
    RaiseAlarm,
    RecordNotPassed,
    RecordPassed,
    Release,
    Reset,
    State,
    Tick,
    Timing,
)

IN, OUT = Direction.IN, Direction.OUT
FIRST, SECOND = UUID(int=1), UUID(int=2)
FORCED = RaiseAlarm(AlarmKind.FORCED)
TAILGATING = RaiseAlarm(AlarmKind.TAILGATING)
HELD_OPEN = RaiseAlarm(AlarmKind.HELD_OPEN)
FIRE = RaiseAlarm(AlarmKind.FIRE)
LOST = RaiseAlarm(AlarmKind.CONTROLLER_LOST)


class Step(NamedTuple):
    event: Event
    commands: Sequence[Command]
    state: State


def play(*steps: Step) -> Gate:
    gate = Gate(Timing(release_seconds=5, passage_seconds=10))
    for number, step in enumerate(steps):
        assert (gate.handle(step.event), gate.state) == (list(step.commands), step.state), number
    return gate


GRANT = Step(Granted(FIRST, IN, 0.0), [Release(IN)], State.RELEASED)
ENTER = Step(PassageStarted(IN, 1.0), [], State.PASSING)
ARRIVE = Step(PassageCompleted(IN, 2.0), [RecordPassed(FIRST), Lock()], State.LOCKED)
LATE = Step(Tick(11.0), [HELD_OPEN], State.HELD_OPEN)
FIRE_IN_PASSAGE = Step(FireAlarm(), [OpenAll(), FIRE], State.EMERGENCY)
LOSE = Step(ControllerLost(), [LOST], State.FAULT)


def test_a_child_that_walks_through_is_recorded_when_it_arrives_and_not_before() -> None:
    gate = play(GRANT, ENTER, ARRIVE)
    assert gate.deadline is None


def test_a_turnstile_that_reports_only_arrivals_still_gets_its_children_recorded() -> None:
    play(GRANT, ARRIVE)


def test_a_child_that_does_not_come_is_not_recorded_as_inside_and_the_gate_locks() -> None:
    gate = play(
        GRANT,
        Step(Tick(4.999), [], State.RELEASED),
        Step(Tick(5.0), [Lock(), RecordNotPassed(FIRST)], State.LOCKED),
    )
    assert gate.deadline is None


def test_a_second_child_behind_the_first_is_an_alarm_and_is_not_recorded() -> None:
    play(GRANT, ENTER, ARRIVE, Step(PassageCompleted(IN, 2.5), [FORCED], State.LOCKED))


def test_a_second_child_entering_before_the_first_arrives_is_one_alarm_not_two() -> None:
    play(
        GRANT,
        ENTER,
        Step(PassageStarted(IN, 1.5), [TAILGATING], State.PASSING),
        ARRIVE,
        Step(PassageCompleted(IN, 2.5), [], State.LOCKED),
    )


def test_a_forced_entry_calls_staff_once_and_records_nobody() -> None:
    play(
        Step(PassageStarted(IN, 1.0), [FORCED], State.LOCKED),
        Step(PassageCompleted(IN, 2.0), [], State.LOCKED),
        Step(PassageCompleted(IN, 9.0), [FORCED], State.LOCKED),
    )


def test_leaving_without_a_release_is_free_and_no_alarm() -> None:
    play(
        Step(PassageStarted(OUT, 1.0), [], State.LOCKED),
        Step(PassageCompleted(OUT, 2.0), [], State.LOCKED),
        Step(PassageCompleted(OUT, 3.0), [], State.LOCKED),
    )


def test_somebody_against_the_released_way_is_an_alarm_and_the_child_keeps_its_time() -> None:
    play(
        GRANT,
        Step(PassageStarted(OUT, 0.5), [FORCED], State.RELEASED),
        Step(PassageCompleted(OUT, 0.9), [], State.RELEASED),
        ENTER,
        ARRIVE,
    )


def test_entering_through_an_exit_release_is_forced() -> None:
    play(
        Step(Granted(FIRST, OUT, 0.0), [Release(OUT)], State.RELEASED),
        Step(PassageCompleted(IN, 1.0), [FORCED], State.RELEASED),
    )


def test_who_was_leaving_before_a_grant_is_not_taken_for_an_intruder_or_for_the_granted() -> None:
    play(
        Step(PassageStarted(OUT, 0.0), [], State.LOCKED),
        Step(Granted(FIRST, OUT, 0.5), [Release(OUT)], State.RELEASED),
        Step(PassageCompleted(OUT, 1.0), [], State.RELEASED),
        Step(PassageCompleted(OUT, 2.0), [RecordPassed(FIRST), Lock()], State.LOCKED),
    )


def test_a_child_that_stands_in_the_turnstile_is_an_alarm_and_still_recorded_when_it_arrives() -> None:
    gate = play(GRANT, ENTER, Step(Tick(10.9), [], State.PASSING), LATE)
    assert gate.deadline is None
    assert gate.handle(PassageCompleted(IN, 60.0)) == [RecordPassed(FIRST), Lock()]


def test_staff_can_end_a_held_open_gate_whose_arrival_never_came() -> None:
    play(GRANT, ENTER, LATE, Step(Reset(), [Lock(), RecordNotPassed(FIRST)], State.LOCKED))


@pytest.mark.parametrize(
    ("before", "commands"),
    [
        ([], [OpenAll(), FIRE]),
        ([GRANT], [OpenAll(), FIRE, RecordNotPassed(FIRST)]),
        ([GRANT, ENTER], [OpenAll(), FIRE]),
        ([GRANT, ENTER, LATE], [OpenAll(), FIRE]),
        ([LOSE], [OpenAll(), FIRE]),
    ],
    ids=["locked", "released", "passing", "held_open", "fault"],
)
def test_a_fire_opens_everything_from(before: list[Step], commands: list[Command]) -> None:
    play(*before, Step(FireAlarm(), commands, State.EMERGENCY))


def test_nothing_but_a_person_ends_an_emergency() -> None:
    gate = play(
        FIRE_IN_PASSAGE,
        Step(FireAlarm(), [], State.EMERGENCY),
        Step(Tick(1e9), [], State.EMERGENCY),
        Step(PassageStarted(IN, 2e9), [], State.EMERGENCY),
        Step(PassageCompleted(IN, 2e9), [], State.EMERGENCY),
        Step(ControllerLost(), [LOST], State.EMERGENCY),
        Step(ControllerBack(), [OpenAll()], State.EMERGENCY),
    )
    assert not gate.controller_lost
    assert gate.handle(Reset()) == [Lock()]
    assert gate.state is State.LOCKED


def test_a_reset_during_a_fire_does_not_last() -> None:
    play(FIRE_IN_PASSAGE, Step(Reset(), [Lock()], State.LOCKED), FIRE_IN_PASSAGE)


def test_a_child_in_the_turnstile_when_the_fire_begins_is_still_counted() -> None:
    play(
        GRANT,
        ENTER,
        FIRE_IN_PASSAGE,
        Step(PassageCompleted(OUT, 1.5), [], State.EMERGENCY),
        Step(PassageCompleted(IN, 2.0), [RecordPassed(FIRST)], State.EMERGENCY),
        Step(PassageCompleted(IN, 2.1), [], State.EMERGENCY),
    )


def test_a_passage_that_never_ended_in_a_fire_is_settled_by_its_deadline() -> None:
    play(GRANT, ENTER, FIRE_IN_PASSAGE, Step(Tick(11.0), [RecordNotPassed(FIRST)], State.EMERGENCY))


def test_a_reset_without_a_controller_leads_to_fault_and_moves_nothing() -> None:
    gate = play(
        FIRE_IN_PASSAGE,
        Step(ControllerLost(), [LOST], State.EMERGENCY),
        Step(ControllerLost(), [], State.EMERGENCY),
        Step(Reset(), [], State.FAULT),
    )
    assert gate.controller_lost


def test_a_child_on_its_way_when_the_controller_dies_is_recorded_if_it_arrives() -> None:
    play(
        GRANT,
        LOSE,
        Step(PassageStarted(IN, 1.0), [], State.FAULT),
        Step(PassageCompleted(IN, 2.0), [RecordPassed(FIRST)], State.FAULT),
        Step(PassageCompleted(IN, 2.0), [], State.FAULT),
        Step(ControllerBack(), [Lock()], State.LOCKED),
    )


def test_a_child_that_does_not_come_while_the_controller_is_dead_is_not_recorded_as_inside() -> None:
    play(
        GRANT,
        LOSE,
        Step(ControllerLost(), [], State.FAULT),
        Step(Tick(4.0), [], State.FAULT),
        Step(Tick(5.0), [RecordNotPassed(FIRST)], State.FAULT),
    )


def test_a_loose_cable_does_not_turn_a_walking_child_into_an_intruder() -> None:
    play(GRANT, ENTER, LOSE, Step(ControllerBack(), [Lock()], State.PASSING), ARRIVE)


def test_a_grant_whose_release_was_lost_with_the_controller_is_settled_when_it_is_back() -> None:
    play(GRANT, LOSE, Step(ControllerBack(), [Lock(), RecordNotPassed(FIRST)], State.LOCKED))


@pytest.mark.parametrize(
    ("before", "event"),
    [
        ([GRANT], Granted(SECOND, IN, 1.0)),
        ([GRANT, ENTER], Granted(SECOND, IN, 1.0)),
        ([GRANT, ENTER, LATE], Granted(SECOND, IN, 12.0)),
        ([FIRE_IN_PASSAGE], Granted(SECOND, IN, 1.0)),
        ([LOSE], Granted(SECOND, IN, 1.0)),
        ([], Reset()),
        ([GRANT], Reset()),
        ([LOSE], Reset()),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, list) else str(len(value)),
)
def test_an_event_out_of_place_raises_and_changes_nothing(before: list[Step], event: Event) -> None:
    gate = play(*before)
    state, deadline = gate.state, gate.deadline
    with pytest.raises(IllegalEvent, match=str(state)):
        gate.handle(event)
    assert (gate.state, gate.deadline) == (state, deadline)


def test_the_world_is_never_illegal_the_table_takes_every_signal_in_every_state() -> None:
    signals = (PassageStarted, PassageCompleted, FireAlarm, ControllerLost, ControllerBack, Tick)
    assert not [(state, kind) for state in State for kind in signals if (state, kind) not in TRANSITIONS]


def test_the_table_leaves_an_emergency_only_by_a_reset() -> None:
    ways_out = {
        kind
        for (state, kind), following in TRANSITIONS.items()
        if state is State.EMERGENCY and following != frozenset({State.EMERGENCY})
    }
    assert ways_out == {Reset}
