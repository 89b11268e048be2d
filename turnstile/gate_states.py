"""The gate's states and its table: which event may lead from where to where. Anything else is illegal."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from turnstile.gate_messages import (
    Close,
    ControllerBack,
    ControllerLost,
    Event,
    ExitRequested,
    FireAlarm,
    Granted,
    HoldOpen,
    PassageCompleted,
    PassageStarted,
    ReadyBack,
    ReadyLost,
    Reopen,
    Reset,
    Tampered,
    Tick,
)


class State(StrEnum):
    """What the gate is doing."""

    LOCKED = "locked"
    RELEASED = "released"
    PASSING = "passing"
    PASSED = "passed"
    TIMED_OUT = "timed_out"
    HELD_OPEN = "held_open"
    WRONG_WAY = "wrong_way"
    FORCED = "forced"
    EMERGENCY = "emergency"
    FAULT = "fault"
    HELD_BY_STAFF = "held_by_staff"
    CLOSED = "closed"


RESTING = frozenset({State.LOCKED, State.PASSED, State.TIMED_OUT, State.FORCED})
"""Shut, and free for the next person; all but LOCKED are shown for a moment and end by themselves."""

SHUT = RESTING | {State.CLOSED}
"""Nobody is let through now."""


def _to(*states: State) -> frozenset[State]:
    return frozenset(states)


_REST = _to(State.LOCKED, State.CLOSED)
UNDER_WAY = (State.RELEASED, State.WRONG_WAY)
"""Open for one person who has not entered yet; in WRONG_WAY somebody else comes against."""

# What the world may send at any time, to a gate that is shut.
_AT_REST: Mapping[type[Event], frozenset[State]] = {
    Granted: _to(State.RELEASED),
    ExitRequested: _to(State.RELEASED),
    HoldOpen: _to(State.HELD_BY_STAFF),
    Close: _to(State.CLOSED),
    FireAlarm: _to(State.EMERGENCY),
    ControllerLost: _to(State.FAULT),
    ReadyLost: _to(State.FAULT),
}

# The world may send any signal at any time; only Granted, HoldOpen and Reset can be out of place.
TRANSITIONS: Mapping[tuple[State, type[Event]], frozenset[State]] = MappingProxyType(
    {
        **{(state, kind): following for state in SHUT for kind, following in _AT_REST.items()},
        **{
            (state, kind): _to(state, State.FORCED)
            for state in SHUT
            for kind in (PassageStarted, PassageCompleted)
        },
        (State.LOCKED, Tick): _to(State.LOCKED),
        **{(state, Tick): _to(state, State.LOCKED) for state in (State.PASSED, State.TIMED_OUT)},
        (State.FORCED, Tick): _REST | {State.FORCED},
        **{(state, kind): _to(state) for state in RESTING for kind in (Reopen, ControllerBack, ReadyBack)},
        (State.CLOSED, Tick): _to(State.CLOSED),
        (State.CLOSED, ControllerBack): _to(State.CLOSED),
        (State.CLOSED, ReadyBack): _to(State.CLOSED),
        (State.CLOSED, Reopen): _to(State.LOCKED),
        **{
            (state, kind): following
            for state in UNDER_WAY
            for kind, following in {
                PassageStarted: _to(State.PASSING, State.WRONG_WAY),
                PassageCompleted: _to(State.PASSED, State.CLOSED, *UNDER_WAY),
                Tick: _to(State.TIMED_OUT, State.CLOSED, state),
                ExitRequested: _to(state),
                Close: _to(State.CLOSED, state),
                Reopen: _to(state),
                FireAlarm: _to(State.EMERGENCY),
                ControllerLost: _to(State.FAULT),
                ControllerBack: _to(state),
                ReadyLost: _to(State.FAULT),
                ReadyBack: _to(state),
            }.items()
        },
        (State.PASSING, PassageStarted): _to(State.PASSING),
        (State.PASSING, PassageCompleted): _to(State.PASSED, State.CLOSED, State.PASSING),
        (State.PASSING, Tick): _to(State.HELD_OPEN, State.PASSING),
        (State.HELD_OPEN, PassageStarted): _to(State.HELD_OPEN),
        (State.HELD_OPEN, PassageCompleted): _to(State.PASSED, State.CLOSED, State.HELD_OPEN),
        (State.HELD_OPEN, Tick): _to(State.HELD_OPEN),
        (State.HELD_OPEN, Reset): _REST,
        **{
            (state, kind): following
            for state in (State.PASSING, State.HELD_OPEN, State.HELD_BY_STAFF)
            for kind, following in {
                ExitRequested: _to(state),
                Reopen: _to(state),
                FireAlarm: _to(State.EMERGENCY),
                ControllerLost: _to(State.FAULT),
                ControllerBack: _to(state),
                ReadyLost: _to(State.FAULT),
                ReadyBack: _to(state),
            }.items()
        },
        (State.PASSING, Close): _to(State.PASSING),
        (State.HELD_OPEN, Close): _to(State.HELD_OPEN),
        (State.HELD_BY_STAFF, Close): _to(State.CLOSED),
        (State.HELD_BY_STAFF, PassageStarted): _to(State.HELD_BY_STAFF),
        (State.HELD_BY_STAFF, PassageCompleted): _to(State.HELD_BY_STAFF),
        (State.HELD_BY_STAFF, Tick): _to(State.HELD_BY_STAFF),
        (State.HELD_BY_STAFF, Reset): _REST,
        **{
            (state, kind): _to(state)
            for state in (State.EMERGENCY, State.FAULT)
            for kind in (
                PassageStarted,
                PassageCompleted,
                Tick,
                ExitRequested,
                Close,
                Reopen,
                ControllerLost,
                ReadyLost,
            )
        },
        (State.EMERGENCY, FireAlarm): _to(State.EMERGENCY),
        (State.EMERGENCY, ControllerBack): _to(State.EMERGENCY),
        (State.EMERGENCY, ReadyBack): _to(State.EMERGENCY),
        (State.EMERGENCY, Reset): _REST | {State.FAULT},
        (State.FAULT, FireAlarm): _to(State.EMERGENCY),
        (State.FAULT, ControllerBack): _REST | {State.PASSING, State.FAULT},
        (State.FAULT, ReadyBack): _REST | {State.PASSING, State.FAULT},
        **{(state, Tampered): _to(state) for state in State},
    }
)
