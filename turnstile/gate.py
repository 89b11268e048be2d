"""The gate: states, what may happen in each, and what must be done then. No I/O and no clock in here.

The caller hands over events, carries out the returned commands in their order, and sends a `Tick` when
`Gate.deadline` has come. `Turnstile` and `Inputs` are the two ports through which it meets the world.

Four promises hold in every state. A passage is recorded when it completes, never at the release. One grant
covers one passage and is settled exactly once, as passed or as not passed. `FireAlarm` opens everything, and
only a person's `Reset` ends that. No command closes the exit: `Lock` withdraws releases, nothing more, and
whoever walks out while no release is pending is neither stopped nor reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, assert_never
from uuid import UUID

from pydantic import Field

from edge.config import Settings
from edge.domain.events import Direction
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
from turnstile.gate_states import RESTING, TRANSITIONS, UNDER_WAY, State


class Turnstile(Protocol):
    """What the gate asks of a driver. Every method raises TurnstileError when the controller is gone.

    Each is idempotent and needs no answer from the controller; repeating `lock` while locked is the
    way to find out that the controller has gone.
    """

    def release(self, direction: Direction) -> None:
        """Open one direction; the other stays as it is."""

    def lock(self) -> None:
        """Withdraw every release."""

    def open_all(self) -> None:
        """Open both directions."""

    def step(self) -> None:
        """One round: keep a release going on a board that would end it by itself, hear what a board says.

        Called many times a second while the controller is there.
        """

    def reconnect(self) -> None:
        """Start again with a controller that was lost; leaves it locked."""

    def close(self) -> None:
        """Lock as far as the controller can be reached, and let go of it. Never raises."""


class Inputs(Protocol):
    """What the gate hears from the turnstile and the fire panel."""

    def poll(self) -> Sequence[Signal]:
        """All signals since the last call, oldest first, without waiting.

        FireAlarm comes with every call for as long as the fire input is on, so that a `Reset` during a
        fire does not last.
        """

    def close(self) -> None:
        """Let go of the hardware."""


class Timing(Settings):
    """In seconds: how long a person may take, and for how long an ending and an alarm are shown."""

    release_seconds: float = Field(default=5.0, gt=0, le=60)
    passage_seconds: float = Field(default=10.0, gt=0, le=120)
    shown_seconds: float = Field(default=2.0, gt=0, le=30)
    alarm_seconds: float = Field(default=5.0, gt=0, le=120)


class IllegalEvent(RuntimeError):
    """The caller sent what cannot happen now, such as a second grant: a mistake in the program."""


@dataclass(frozen=True, slots=True)
class _Grant:
    """Who may pass; without an `event_id` it is somebody who asked to leave, and is not recorded."""

    event_id: UUID | None
    direction: Direction
    deadline: float
    begun: bool


class Gate:
    """The state machine of one access point with one passage."""

    def __init__(self, settings: Timing) -> None:
        self._timing = settings
        self._state = State.LOCKED
        self._grant: _Grant | None = None
        self._shown_until = 0.0
        self._closed = False
        self._controller_lost = False
        self._ready_lost = False
        # Passages under way that no grant covers: each was judged when it began.
        self._uncovered: set[Direction] = set()

    @property
    def state(self) -> State:
        """Where the gate is now."""
        return self._state

    @property
    def closed(self) -> bool:
        """Whether nobody may come in, whatever else is going on."""
        return self._closed

    @property
    def controller_lost(self) -> bool:
        """Whether the shell should try to reconnect: always in FAULT, perhaps in EMERGENCY."""
        return self._controller_lost

    @property
    def deadline(self) -> float | None:
        """When the next `Tick` is due, if any."""
        if self._state in RESTING:
            return None if self._state is State.LOCKED else self._shown_until
        if self._grant is None or self._state is State.HELD_OPEN:
            return None
        return self._grant.deadline

    @property
    def longest_grant(self) -> float:
        """Seconds until whoever was granted has passed, has not, or stands in a passage held open."""
        return self._timing.release_seconds + self._timing.passage_seconds

    def may_grant(self, direction: Direction) -> bool:
        """Whether a `Granted` in this direction is in place now."""
        if direction is Direction.OUT and self._state is State.CLOSED:
            return True
        return self._state in RESTING and not (self._closed and direction is Direction.IN)

    def handle(self, event: Event) -> list[Command]:
        """Take one event; returns what to do, in order. Raises IllegalEvent and stays as it was."""
        possible = TRANSITIONS.get((self._state, type(event)))
        if possible is None or (isinstance(event, Granted) and not self.may_grant(event.direction)):
            raise IllegalEvent(f"{type(event).__name__} while {self._state}")
        following, commands = self._react(event)
        if following not in possible:
            raise IllegalEvent(f"{type(event).__name__} would lead from {self._state} to {following}")
        self._state = following
        return commands

    def _react(self, event: Event) -> tuple[State, list[Command]]:  # noqa: PLR0912 - one branch an event
        match event:
            case Granted():
                outcome = self._released(event.event_id, event.direction, event.at)
            case ExitRequested():
                outcome = self._exit_requested(event)
            case PassageStarted():
                outcome = self._started(event)
            case PassageCompleted():
                outcome = self._completed(event)
            case Tick():
                outcome = self._tick(event)
            case FireAlarm():
                outcome = self._fire()
            case Tampered():
                outcome = self._state, [RaiseAlarm(AlarmKind.TAMPER)]
            case HoldOpen():
                outcome = State.HELD_BY_STAFF, [OpenAll()]
            case Close():
                outcome = self._close()
            case Reopen():
                outcome = self._reopen()
            case Reset():
                outcome = self._reset()
            case ControllerLost():
                outcome = self._lost()
            case ControllerBack():
                outcome = self._back()
            case ReadyLost():
                outcome = self._not_ready()
            case ReadyBack():
                outcome = self._ready()
            case _:
                assert_never(event)
        return outcome

    @property
    def _rest(self) -> State:
        return State.CLOSED if self._closed else State.LOCKED

    def _shown(self, state: State, until: float) -> State:
        """A moment's state, unless the gate is closed: that is what people must see."""
        self._shown_until = until
        return State.CLOSED if self._closed and state is not State.FORCED else state

    def _released(
        self, event_id: UUID | None, direction: Direction, at: float
    ) -> tuple[State, list[Command]]:
        self._grant = _Grant(event_id, direction, at + self._timing.release_seconds, begun=False)
        return State.RELEASED, [Release(direction)]

    def _exit_requested(self, event: ExitRequested) -> tuple[State, list[Command]]:
        if self._state in RESTING or self._state is State.CLOSED:
            return self._released(None, Direction.OUT, event.at)
        return self._state, []

    def _started(self, event: PassageStarted) -> tuple[State, list[Command]]:
        grant = self._grant
        if grant is None or grant.begun or grant.direction is not event.direction:
            following, commands = self._judge(event.direction, event.at)
            self._uncovered.add(event.direction)
            return following, commands
        self._uncovered.discard(event.direction)
        self._grant = replace(grant, begun=True, deadline=event.at + self._timing.passage_seconds)
        return State.PASSING if self._state in UNDER_WAY else self._state, []

    def _completed(self, event: PassageCompleted) -> tuple[State, list[Command]]:
        grant = self._grant
        begun_before_its_grant = event.direction in self._uncovered and not (grant and grant.begun)
        if grant is None or grant.direction is not event.direction or begun_before_its_grant:
            if event.direction not in self._uncovered:
                return self._judge(event.direction, event.at)
            self._uncovered.discard(event.direction)
            return State.RELEASED if self._state is State.WRONG_WAY else self._state, []
        self._grant = None
        record: list[Command] = [] if grant.event_id is None else [RecordPassed(grant.event_id)]
        if self._state in (State.EMERGENCY, State.FAULT):
            return self._state, record
        return self._shown(State.PASSED, event.at + self._timing.shown_seconds), [*record, Lock()]

    def _judge(self, direction: Direction, at: float) -> tuple[State, list[Command]]:
        """Alarm for a passage that no grant covers, unless people may walk, or signals cannot be believed."""
        deaf = self._state is State.FAULT and self._controller_lost
        if deaf or self._state in (State.EMERGENCY, State.HELD_BY_STAFF):
            return self._state, []
        if self._grant is None:
            if direction is Direction.OUT:
                return self._state, []
            if self._state is State.FAULT:  # some turnstiles are not ready because somebody forces them
                return self._state, [RaiseAlarm(AlarmKind.FORCED)]
            forced = self._shown(State.FORCED, at + self._timing.alarm_seconds)
            return forced, [RaiseAlarm(AlarmKind.FORCED)]
        if self._grant.direction is direction:
            return self._state, [RaiseAlarm(AlarmKind.TAILGATING)]
        against = State.WRONG_WAY if self._state is State.RELEASED else self._state
        return against, [RaiseAlarm(AlarmKind.WRONG_WAY)]

    def _tick(self, event: Tick) -> tuple[State, list[Command]]:
        if self.deadline is None or event.at < self.deadline:
            return self._state, []
        if self._state in RESTING:
            return self._rest, []
        if self._state is State.PASSING:
            return State.HELD_OPEN, [RaiseAlarm(AlarmKind.HELD_OPEN)]
        if self._state in UNDER_WAY:
            following = self._shown(State.TIMED_OUT, event.at + self._timing.shown_seconds)
            return following, [Lock(), *self._not_passed()]
        return self._state, self._not_passed()

    def _fire(self) -> tuple[State, list[Command]]:
        if self._state is State.EMERGENCY:
            return State.EMERGENCY, []  # open already; the input repeats itself at every poll
        # Once all is open nobody can tell whose passage the next one is: only a begun one is still credited.
        ended = [] if self._grant is None or self._grant.begun else self._not_passed()
        return State.EMERGENCY, [OpenAll(), RaiseAlarm(AlarmKind.FIRE), *ended]

    def _close(self) -> tuple[State, list[Command]]:
        """Who is in the passage already may finish, and who is leaving may leave; no other release stays."""
        self._closed = True
        if self._state in UNDER_WAY and self._grant is not None and self._grant.direction is Direction.OUT:
            return self._state, []
        if self._state in UNDER_WAY:
            return State.CLOSED, [Lock(), *self._not_passed()]
        if self._state is State.HELD_BY_STAFF:
            return State.CLOSED, [Lock()]
        return State.CLOSED if self._state in RESTING else self._state, []

    def _reopen(self) -> tuple[State, list[Command]]:
        self._closed = False
        return State.LOCKED if self._state is State.CLOSED else self._state, []

    def _reset(self) -> tuple[State, list[Command]]:
        self._uncovered.clear()
        if self._controller_lost or self._ready_lost:
            return State.FAULT, self._not_passed()
        return self._rest, [Lock(), *self._not_passed()]

    def _lost(self) -> tuple[State, list[Command]]:
        # A grant stays open until its deadline: the turnstile holds a release by itself, the person may
        # be on the way, and "not passed" would be a guess.
        following = State.EMERGENCY if self._state is State.EMERGENCY else State.FAULT
        if self._controller_lost:
            return following, []
        self._controller_lost = True
        return following, [RaiseAlarm(AlarmKind.CONTROLLER_LOST)]

    def _back(self) -> tuple[State, list[Command]]:
        self._controller_lost = False
        if self._state is State.EMERGENCY:
            return State.EMERGENCY, [OpenAll()]
        if self._state is not State.FAULT:
            return self._state, []
        return (State.FAULT, [Lock()]) if self._ready_lost else self._recovered()

    def _not_ready(self) -> tuple[State, list[Command]]:
        """The turnstile itself gave up; its relay board may well still answer."""
        following = State.EMERGENCY if self._state is State.EMERGENCY else State.FAULT
        if self._ready_lost:
            return following, []
        self._ready_lost = True
        return following, [RaiseAlarm(AlarmKind.NOT_READY)]

    def _ready(self) -> tuple[State, list[Command]]:
        self._ready_lost = False
        if self._state is not State.FAULT or self._controller_lost:
            return self._state, []
        return self._recovered()

    def _recovered(self) -> tuple[State, list[Command]]:
        self._uncovered.clear()
        if self._grant is not None and self._grant.begun:
            return State.PASSING, [Lock()]
        return self._rest, [Lock(), *self._not_passed()]

    def _not_passed(self) -> list[Command]:
        grant, self._grant = self._grant, None
        return [] if grant is None or grant.event_id is None else [RecordNotPassed(grant.event_id)]
