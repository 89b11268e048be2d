"""The gate: states, what may happen in each, and what must be done then. No I/O and no clock in here.

The caller hands over events, carries out the returned commands in their order, and sends a `Tick` when
`Gate.deadline` has come. `Turnstile` and `Inputs` are the two ports through which it meets the world.

Four promises hold in every state. A passage is recorded when it completes, never at the release. One grant
covers one passage and is settled exactly once, as passed or as not passed. `FireAlarm` opens everything, and
only a person's `Reset` ends that. No command closes the exit: `Lock` withdraws releases, nothing more, and
whoever walks out while no release is pending is neither stopped nor reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, assert_never
from uuid import UUID

from pydantic import Field

from edge.config import Settings
from edge.domain.events import Direction
from turnstile.gate_messages import (
    AlarmKind,
    Command,
    ControllerBack,
    ControllerLost,
    Event,
    ExitRequested,
    FireAlarm,
    Granted,
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
    Reset,
    Signal,
    Tampered,
    Tick,
)

__all__ = [
    "TRANSITIONS",
    "AlarmKind",
    "Command",
    "ControllerBack",
    "ControllerLost",
    "Event",
    "ExitRequested",
    "FireAlarm",
    "Gate",
    "Granted",
    "IllegalEvent",
    "Inputs",
    "Lock",
    "OpenAll",
    "PassageCompleted",
    "PassageStarted",
    "RaiseAlarm",
    "ReadyBack",
    "ReadyLost",
    "RecordNotPassed",
    "RecordPassed",
    "Release",
    "Reset",
    "Signal",
    "State",
    "Tampered",
    "Tick",
    "Timing",
    "Turnstile",
]


class State(StrEnum):
    """What the gate is doing."""

    LOCKED = "locked"
    RELEASED = "released"
    PASSING = "passing"
    HELD_OPEN = "held_open"
    EMERGENCY = "emergency"
    FAULT = "fault"


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
    """How long a person may take, in seconds."""

    release_seconds: float = Field(default=5.0, gt=0, le=60)
    passage_seconds: float = Field(default=10.0, gt=0, le=120)


class IllegalEvent(RuntimeError):
    """The caller sent what cannot happen now, such as a second grant: a mistake in the program."""


# What the turnstile tells besides passages changes no state yet.
_TOLD: tuple[type[Event], ...] = (ReadyLost, ReadyBack, Tampered, ExitRequested)

_HERE = {state: frozenset({state}) for state in State}
_LOCKED = _HERE[State.LOCKED]
_EMERGENCY = _HERE[State.EMERGENCY]
_FAULT = _HERE[State.FAULT]

# The world may send any signal at any time; only Granted and Reset can be out of place.
TRANSITIONS: Mapping[tuple[State, type[Event]], frozenset[State]] = MappingProxyType(
    {
        (State.LOCKED, Granted): _HERE[State.RELEASED],
        (State.LOCKED, PassageStarted): _LOCKED,
        (State.LOCKED, PassageCompleted): _LOCKED,
        (State.LOCKED, Tick): _LOCKED,
        (State.LOCKED, FireAlarm): _EMERGENCY,
        (State.LOCKED, ControllerLost): _FAULT,
        (State.LOCKED, ControllerBack): _LOCKED,
        (State.RELEASED, PassageStarted): frozenset({State.PASSING, State.RELEASED}),
        (State.RELEASED, PassageCompleted): frozenset({State.LOCKED, State.RELEASED}),
        (State.RELEASED, Tick): frozenset({State.LOCKED, State.RELEASED}),
        (State.RELEASED, FireAlarm): _EMERGENCY,
        (State.RELEASED, ControllerLost): _FAULT,
        (State.RELEASED, ControllerBack): _HERE[State.RELEASED],
        (State.PASSING, PassageStarted): _HERE[State.PASSING],
        (State.PASSING, PassageCompleted): frozenset({State.LOCKED, State.PASSING}),
        (State.PASSING, Tick): frozenset({State.HELD_OPEN, State.PASSING}),
        (State.PASSING, FireAlarm): _EMERGENCY,
        (State.PASSING, ControllerLost): _FAULT,
        (State.PASSING, ControllerBack): _HERE[State.PASSING],
        (State.HELD_OPEN, PassageStarted): _HERE[State.HELD_OPEN],
        (State.HELD_OPEN, PassageCompleted): frozenset({State.LOCKED, State.HELD_OPEN}),
        (State.HELD_OPEN, Tick): _HERE[State.HELD_OPEN],
        (State.HELD_OPEN, FireAlarm): _EMERGENCY,
        (State.HELD_OPEN, ControllerLost): _FAULT,
        (State.HELD_OPEN, ControllerBack): _HERE[State.HELD_OPEN],
        (State.HELD_OPEN, Reset): _LOCKED,
        (State.EMERGENCY, PassageStarted): _EMERGENCY,
        (State.EMERGENCY, PassageCompleted): _EMERGENCY,
        (State.EMERGENCY, Tick): _EMERGENCY,
        (State.EMERGENCY, FireAlarm): _EMERGENCY,
        (State.EMERGENCY, ControllerLost): _EMERGENCY,
        (State.EMERGENCY, ControllerBack): _EMERGENCY,
        (State.EMERGENCY, Reset): frozenset({State.LOCKED, State.FAULT}),
        (State.FAULT, PassageStarted): _FAULT,
        (State.FAULT, PassageCompleted): _FAULT,
        (State.FAULT, Tick): _FAULT,
        (State.FAULT, FireAlarm): _EMERGENCY,
        (State.FAULT, ControllerLost): _FAULT,
        (State.FAULT, ControllerBack): frozenset({State.LOCKED, State.PASSING}),
    }
    | {(state, told): _HERE[state] for state in State for told in _TOLD}
)


@dataclass(frozen=True, slots=True)
class _Grant:
    event_id: UUID
    direction: Direction
    deadline: float
    begun: bool


class Gate:
    """The state machine of one access point with one passage."""

    def __init__(self, settings: Timing) -> None:
        self._timing = settings
        self._state = State.LOCKED
        self._grant: _Grant | None = None
        self._controller_lost = False
        # Passages under way that no grant covers: each was judged when it began.
        self._uncovered: set[Direction] = set()

    @property
    def state(self) -> State:
        """Where the gate is now."""
        return self._state

    @property
    def controller_lost(self) -> bool:
        """Whether the shell should try to reconnect: always in FAULT, perhaps in EMERGENCY."""
        return self._controller_lost

    @property
    def deadline(self) -> float | None:
        """When the next `Tick` is due, if any."""
        if self._grant is None or self._state is State.HELD_OPEN:
            return None
        return self._grant.deadline

    def handle(self, event: Event) -> list[Command]:
        """Take one event; returns what to do, in order. Raises IllegalEvent and stays as it was."""
        possible = TRANSITIONS.get((self._state, type(event)))
        if possible is None:
            raise IllegalEvent(f"{type(event).__name__} while {self._state}")
        following, commands = self._react(event)
        if following not in possible:
            raise IllegalEvent(f"{type(event).__name__} would lead from {self._state} to {following}")
        self._state = following
        return commands

    def _react(self, event: Event) -> tuple[State, list[Command]]:
        match event:
            case Granted():
                outcome = self._granted(event)
            case PassageStarted():
                outcome = self._started(event)
            case PassageCompleted():
                outcome = self._completed(event)
            case Tick():
                outcome = self._tick(event)
            case FireAlarm():
                outcome = self._fire()
            case Reset():
                outcome = self._reset()
            case ControllerLost():
                outcome = self._lost()
            case ControllerBack():
                outcome = self._back()
            case ReadyLost() | ReadyBack() | Tampered() | ExitRequested():
                outcome = self._state, []
            case _:
                assert_never(event)
        return outcome

    def _granted(self, event: Granted) -> tuple[State, list[Command]]:
        deadline = event.at + self._timing.release_seconds
        self._grant = _Grant(event.event_id, event.direction, deadline, begun=False)
        return State.RELEASED, [Release(event.direction)]

    def _started(self, event: PassageStarted) -> tuple[State, list[Command]]:
        grant = self._grant
        if grant is None or grant.begun or grant.direction is not event.direction:
            commands = self._judge(event.direction)
            self._uncovered.add(event.direction)
            return self._state, commands
        self._uncovered.discard(event.direction)
        self._grant = replace(grant, begun=True, deadline=event.at + self._timing.passage_seconds)
        return State.PASSING if self._state is State.RELEASED else self._state, []

    def _completed(self, event: PassageCompleted) -> tuple[State, list[Command]]:
        grant = self._grant
        begun_before_its_grant = event.direction in self._uncovered and not (grant and grant.begun)
        if grant is None or grant.direction is not event.direction or begun_before_its_grant:
            commands = [] if event.direction in self._uncovered else self._judge(event.direction)
            self._uncovered.discard(event.direction)
            return self._state, commands
        self._grant = None
        record = RecordPassed(grant.event_id)
        if self._state in (State.EMERGENCY, State.FAULT):
            return self._state, [record]
        return State.LOCKED, [record, Lock()]

    def _judge(self, direction: Direction) -> list[Command]:
        """Alarm for a passage that no grant covers, unless people may walk, or signals cannot be believed."""
        if self._state in (State.EMERGENCY, State.FAULT):
            return []
        if self._grant is None and direction is Direction.OUT:
            return []
        if self._grant is not None and self._grant.direction is direction:
            return [RaiseAlarm(AlarmKind.TAILGATING)]
        return [RaiseAlarm(AlarmKind.FORCED)]

    def _tick(self, event: Tick) -> tuple[State, list[Command]]:
        if self.deadline is None or event.at < self.deadline:
            return self._state, []
        if self._state is State.PASSING:
            return State.HELD_OPEN, [RaiseAlarm(AlarmKind.HELD_OPEN)]
        if self._state is State.RELEASED:
            return State.LOCKED, [Lock(), *self._not_passed()]
        return self._state, self._not_passed()

    def _fire(self) -> tuple[State, list[Command]]:
        if self._state is State.EMERGENCY:
            return State.EMERGENCY, []  # open already; the input repeats itself at every poll
        # Once all is open nobody can tell whose passage the next one is: only a begun one is still credited.
        ended = [] if self._grant is None or self._grant.begun else self._not_passed()
        return State.EMERGENCY, [OpenAll(), RaiseAlarm(AlarmKind.FIRE), *ended]

    def _reset(self) -> tuple[State, list[Command]]:
        self._uncovered.clear()
        if self._controller_lost:
            return State.FAULT, self._not_passed()
        return State.LOCKED, [Lock(), *self._not_passed()]

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
        self._uncovered.clear()
        if self._grant is not None and self._grant.begun:
            return State.PASSING, [Lock()]
        return State.LOCKED, [Lock(), *self._not_passed()]

    def _not_passed(self) -> list[Command]:
        grant, self._grant = self._grant, None
        return [] if grant is None else [RecordNotPassed(grant.event_id)]
