"""The gate as scripts of events and the commands they must give."""

from collections.abc import Sequence
from typing import NamedTuple, get_args
from uuid import UUID

import pytest

from edge.domain.events import Direction
from turnstile.gate import Gate, IllegalEvent, Timing
from turnstile.gate_messages import (
    AlarmKind,
    Close,
    Command,
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
    RaiseAlarm,
    ReadyBack,
    ReadyLost,
    RecordNotPassed,
    RecordPassed,
    Release,
    Reopen,
    Reset,
    Signal,
    Tampered,
    Tick,
)
from turnstile.gate_states import TRANSITIONS, State

IN, OUT = Direction.IN, Direction.OUT
FIRST, SECOND = UUID(int=1), UUID(int=2)
FORCED = RaiseAlarm(AlarmKind.FORCED)
TAILGATING = RaiseAlarm(AlarmKind.TAILGATING)
HELD_OPEN = RaiseAlarm(AlarmKind.HELD_OPEN)
WRONG_WAY = RaiseAlarm(AlarmKind.WRONG_WAY)
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
ARRIVE = Step(PassageCompleted(IN, 2.0), [RecordPassed(FIRST), Lock()], State.PASSED)
REST = Step(Tick(100.0), [], State.LOCKED)
CLOSE = Step(Close(0.0), [], State.CLOSED)
LATE = Step(Tick(11.0), [HELD_OPEN], State.HELD_OPEN)
FIRE_IN_PASSAGE = Step(FireAlarm(), [OpenAll(), FIRE], State.EMERGENCY)
AGAINST = Step(PassageStarted(OUT, 0.5), [WRONG_WAY], State.WRONG_WAY)
LOSE = Step(ControllerLost(), [LOST], State.FAULT)


def test_a_child_that_walks_through_is_recorded_when_it_arrives_and_not_before() -> None:
    gate = play(GRANT, ENTER, ARRIVE, Step(Tick(3.9), [], State.PASSED), Step(Tick(4.0), [], State.LOCKED))
    assert gate.deadline is None


def test_a_turnstile_that_reports_only_arrivals_still_gets_its_children_recorded() -> None:
    play(GRANT, ARRIVE)


def test_a_child_that_does_not_come_is_not_recorded_as_inside_and_the_gate_locks() -> None:
    gate = play(
        GRANT,
        Step(Tick(4.999), [], State.RELEASED),
        Step(Tick(5.0), [Lock(), RecordNotPassed(FIRST)], State.TIMED_OUT),
        Step(Tick(7.0), [], State.LOCKED),
    )
    assert gate.deadline is None


def test_a_second_child_behind_the_first_is_an_alarm_and_is_not_recorded() -> None:
    play(GRANT, ENTER, ARRIVE, Step(PassageCompleted(IN, 2.5), [FORCED], State.FORCED))


def test_a_second_child_entering_before_the_first_arrives_is_one_alarm_not_two() -> None:
    play(
        GRANT,
        ENTER,
        Step(PassageStarted(IN, 1.5), [TAILGATING], State.PASSING),
        ARRIVE,
        Step(PassageCompleted(IN, 2.5), [], State.PASSED),
    )


def test_a_forced_entry_calls_staff_once_and_records_nobody() -> None:
    play(
        Step(PassageStarted(IN, 1.0), [FORCED], State.FORCED),
        Step(PassageCompleted(IN, 2.0), [], State.FORCED),
        Step(Tick(6.0), [], State.LOCKED),
        Step(PassageCompleted(IN, 9.0), [FORCED], State.FORCED),
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
        AGAINST,
        Step(PassageCompleted(OUT, 0.9), [], State.RELEASED),
        ENTER,
        ARRIVE,
    )


def test_a_child_that_passes_one_who_comes_against_it_is_recorded() -> None:
    play(GRANT, AGAINST, ENTER, ARRIVE)


def test_a_release_that_somebody_blocks_from_the_other_side_ends_in_time() -> None:
    play(
        GRANT,
        AGAINST,
        Step(Tick(5.0), [Lock(), RecordNotPassed(FIRST)], State.TIMED_OUT),
    )


def test_entering_through_an_exit_release_is_the_wrong_way() -> None:
    play(
        Step(Granted(FIRST, OUT, 0.0), [Release(OUT)], State.RELEASED),
        Step(PassageCompleted(IN, 1.0), [WRONG_WAY], State.WRONG_WAY),
    )


def test_the_next_child_does_not_wait_until_the_welcome_is_over() -> None:
    second = Step(Granted(SECOND, IN, 2.1), [Release(IN)], State.RELEASED)
    play(GRANT, ENTER, ARRIVE, second)
    play(Step(PassageStarted(IN, 1.0), [FORCED], State.FORCED), second)


def test_a_button_lets_people_out_and_records_nobody() -> None:
    asked = Step(ExitRequested(0.0), [Release(OUT)], State.RELEASED)
    play(asked, Step(PassageCompleted(OUT, 1.0), [Lock()], State.PASSED))
    play(asked, Step(Tick(5.0), [Lock()], State.TIMED_OUT))
    play(CLOSE, asked, Step(PassageCompleted(OUT, 1.0), [Lock()], State.CLOSED))


def test_the_button_does_not_disturb_who_is_coming_in() -> None:
    play(
        GRANT,
        Step(ExitRequested(0.5), [], State.RELEASED),
        ENTER,
        Step(ExitRequested(1.5), [], State.PASSING),
    )


def test_a_closed_gate_lets_nobody_in_and_everybody_out() -> None:
    play(
        CLOSE,
        Step(PassageStarted(OUT, 1.0), [], State.CLOSED),
        Step(PassageCompleted(OUT, 2.0), [], State.CLOSED),
        Step(Granted(FIRST, OUT, 3.0), [Release(OUT)], State.RELEASED),
        Step(PassageCompleted(OUT, 4.0), [RecordPassed(FIRST), Lock()], State.CLOSED),
        Step(PassageStarted(IN, 5.0), [FORCED], State.FORCED),
        Step(Tick(10.0), [], State.CLOSED),
        Step(Reopen(), [], State.LOCKED),
    )


def test_closing_withdraws_a_release_but_not_from_under_somebodys_feet() -> None:
    play(GRANT, Step(Close(1.0), [Lock(), RecordNotPassed(FIRST)], State.CLOSED))
    arrives = Step(PassageCompleted(IN, 2.0), [RecordPassed(FIRST), Lock()], State.CLOSED)
    play(GRANT, ENTER, Step(Close(1.5), [], State.PASSING), arrives)
    leaving = Step(Granted(FIRST, OUT, 0.0), [Release(OUT)], State.RELEASED)
    play(leaving, Step(Close(1.0), [], State.RELEASED))


def test_a_gate_closed_during_a_fire_stays_open_and_is_closed_after_the_reset() -> None:
    play(FIRE_IN_PASSAGE, Step(Close(1.0), [], State.EMERGENCY), Step(Reset(), [Lock()], State.CLOSED))


def test_staff_who_hold_the_gate_open_answer_for_who_walks_through() -> None:
    play(
        Step(HoldOpen(), [OpenAll()], State.HELD_BY_STAFF),
        Step(PassageStarted(IN, 1.0), [], State.HELD_BY_STAFF),
        Step(PassageCompleted(IN, 2.0), [], State.HELD_BY_STAFF),
        Step(Reset(), [Lock()], State.LOCKED),
    )


def test_a_turnstile_without_power_is_a_fault_even_where_its_board_answers() -> None:
    not_ready = RaiseAlarm(AlarmKind.NOT_READY)
    gone = Step(ReadyLost(), [not_ready], State.FAULT)
    play(gone, Step(ReadyLost(), [], State.FAULT), Step(ReadyBack(), [Lock()], State.LOCKED))
    play(GRANT, ENTER, gone, Step(ReadyBack(), [Lock()], State.PASSING), ARRIVE)
    play(gone, LOSE, Step(ControllerBack(), [Lock()], State.FAULT), Step(ReadyBack(), [Lock()], State.LOCKED))
    play(gone, LOSE, Step(ReadyBack(), [], State.FAULT), Step(ControllerBack(), [Lock()], State.LOCKED))
    play(gone, FIRE_IN_PASSAGE, Step(Reset(), [], State.FAULT))
    play(gone, Step(PassageStarted(IN, 1.0), [FORCED], State.FAULT))


def test_a_housing_that_is_opened_calls_staff_and_moves_nothing() -> None:
    tamper = RaiseAlarm(AlarmKind.TAMPER)
    play(Step(Tampered(0.0), [tamper], State.LOCKED), GRANT, Step(Tampered(0.5), [tamper], State.RELEASED))


def test_who_was_leaving_before_a_grant_is_not_taken_for_an_intruder_or_for_the_granted() -> None:
    play(
        Step(PassageStarted(OUT, 0.0), [], State.LOCKED),
        Step(Granted(FIRST, OUT, 0.5), [Release(OUT)], State.RELEASED),
        Step(PassageCompleted(OUT, 1.0), [], State.RELEASED),
        Step(PassageCompleted(OUT, 2.0), [RecordPassed(FIRST), Lock()], State.PASSED),
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
        ([GRANT, ENTER, ARRIVE], [OpenAll(), FIRE]),
        ([GRANT, Step(Tick(5.0), [Lock(), RecordNotPassed(FIRST)], State.TIMED_OUT)], [OpenAll(), FIRE]),
        ([GRANT, AGAINST], [OpenAll(), FIRE, RecordNotPassed(FIRST)]),
        ([Step(PassageStarted(IN, 1.0), [FORCED], State.FORCED)], [OpenAll(), FIRE]),
        ([Step(HoldOpen(), [OpenAll()], State.HELD_BY_STAFF)], [OpenAll(), FIRE]),
        ([CLOSE], [OpenAll(), FIRE]),
    ],
    ids=[
        "locked",
        "released",
        "passing",
        "held_open",
        "fault",
        "passed",
        "timed_out",
        "wrong_way",
        "forced",
        "held_by_staff",
        "closed",
    ],
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
        ([CLOSE], Granted(FIRST, IN, 1.0)),
        ([CLOSE], Reset()),
        ([GRANT], HoldOpen()),
        ([LOSE], HoldOpen()),
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
    signals = get_args(Signal)
    assert len(signals) == 9
    assert not [
        (state, kind) for state in State for kind in (*signals, Tick) if (state, kind) not in TRANSITIONS
    ]


def test_the_table_leaves_an_emergency_only_by_a_reset() -> None:
    ways_out = {
        kind
        for (state, kind), following in TRANSITIONS.items()
        if state is State.EMERGENCY and following != frozenset({State.EMERGENCY})
    }
    assert ways_out == {Reset}
