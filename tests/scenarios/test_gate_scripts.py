"""The gate's whole table, played from scripts that a technician can read (tests/scenarios/gate)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest

from edge.config import Settings, load
from edge.domain.events import Direction
from turnstile.gate import Gate, Timing
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
    Tampered,
    Tick,
)
from turnstile.gate_states import TRANSITIONS, State

SCRIPTS = Path(__file__).with_name("gate")
TIMING = Timing(release_seconds=5, passage_seconds=10, shown_seconds=2, alarm_seconds=5)
STEP = re.compile(r"(?P<at>[\d.]+) (?P<event>[a-z ]+) -> (?P<state>\w+)(?:: (?P<commands>.+))?")
PLAIN: Mapping[str, Event] = {
    "fire": FireAlarm(),
    "reset": Reset(),
    "hold": HoldOpen(),
    "reopen": Reopen(),
    "lost": ControllerLost(),
    "back": ControllerBack(),
    "not ready": ReadyLost(),
    "ready": ReadyBack(),
}
TIMED: Mapping[str, type[Tick | Tampered | ExitRequested | Close]] = {
    "tick": Tick,
    "tamper": Tampered,
    "button": ExitRequested,
    "close": Close,
}
WALKED: Mapping[str, type[PassageStarted | PassageCompleted]] = {
    "started": PassageStarted,
    "completed": PassageCompleted,
}


class ScriptFile(Settings):
    """A situation, and what may follow it: each script begins with the steps of `before`."""

    about: str
    before: tuple[str, ...] = ()
    scripts: Mapping[str, tuple[str, ...]]


class Taken(NamedTuple):
    """One step of the table that was walked."""

    state: State
    event: type[Event]
    following: State


@dataclass(slots=True)
class Reading:
    """Turns words into events and commands; grants are numbered as they come."""

    grants: int = 0

    def event(self, words: str, at: float) -> Event:
        verb, _, way = words.partition(" ")
        if verb == "granted":
            self.grants += 1
            return Granted(UUID(int=self.grants), Direction(way), at)
        if verb in WALKED:
            return WALKED[verb](Direction(way), at)
        if words in TIMED:
            return TIMED[words](at)
        return PLAIN[words]

    def command(self, words: str) -> Command:
        newest = UUID(int=self.grants)
        plain: Mapping[str, Command] = {
            "lock": Lock(),
            "open all": OpenAll(),
            "passed": RecordPassed(newest),
            "not passed": RecordNotPassed(newest),
        }
        verb, _, rest = words.partition(" ")
        if verb == "alarm":
            return RaiseAlarm(AlarmKind(rest))
        return Release(Direction(rest)) if verb == "release" else plain[words]


def play(steps: tuple[str, ...]) -> Iterator[Taken]:
    gate, reading = Gate(TIMING), Reading()
    for step in steps:
        said = STEP.fullmatch(step)
        assert said is not None, f"{step!r} is not: SECONDS EVENT -> STATE: COMMAND, COMMAND"
        before, event = gate.state, reading.event(said["event"], float(said["at"]))
        commands = gate.handle(event)
        expected = [reading.command(words) for words in (said["commands"] or "").split(", ") if words]
        assert (gate.state, commands) == (State(said["state"]), expected), step
        yield Taken(before, type(event), gate.state)


def scripts() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for path in sorted(SCRIPTS.glob("*.toml")):
        read = load(path, ScriptFile)
        for title, steps in read.scripts.items():
            yield path.stem, title, (*read.before, *steps)


@pytest.mark.parametrize(
    "steps", [pytest.param(steps, id=f"{where}: {title}") for where, title, steps in scripts()]
)
def test_the_gate_does_what_the_script_says(steps: tuple[str, ...]) -> None:
    assert list(play(steps))


def test_every_transition_of_the_table_is_in_some_script() -> None:
    """A transition without a script was thought through by nobody, and one that cannot happen is no rule."""
    taken = {step for _, _, steps in scripts() for step in play(steps)}
    table = {
        Taken(state, event, following)
        for (state, event), followings in TRANSITIONS.items()
        for following in followings
    }
    assert sorted(map(str, table - taken)) == []
    assert taken <= table
