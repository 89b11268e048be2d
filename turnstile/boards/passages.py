"""How a simulated board tells what happens at its turnstile: a line a fact, in ASCII."""

from typing import TypeAlias

from edge.domain.events import Direction
from turnstile.boards.people import Passage
from turnstile.gate_messages import (
    ExitRequested,
    PassageCompleted,
    PassageStarted,
    ReadyBack,
    ReadyLost,
    Tampered,
)

Told: TypeAlias = Passage | ReadyLost | ReadyBack | Tampered | ExitRequested

_VERBS: dict[type[Passage], str] = {PassageStarted: "started", PassageCompleted: "completed"}
_PASSAGES = {f"{verb} {way}": (kind, way) for kind, verb in _VERBS.items() for way in Direction}
_FIRE = {"fire": True, "fire over": False}
_READY: dict[str, Told] = {"ready lost": ReadyLost(), "ready back": ReadyBack()}
_TIMED: dict[str, type[Tampered | ExitRequested]] = {"tampered": Tampered, "exit requested": ExitRequested}


def signal_line(fact: Told) -> bytes:
    """The line for one fact."""
    match fact:
        case PassageStarted() | PassageCompleted():
            text = f"{_VERBS[type(fact)]} {fact.direction}"
        case ReadyLost() | ReadyBack():
            text = next(text for text, known in _READY.items() if known == fact)
        case _:
            text = next(text for text, kind in _TIMED.items() if isinstance(fact, kind))
    return f"{text}\n".encode("ascii")


def fire_line(*, burning: bool) -> bytes:
    """The line for a change of the fire panel."""
    return b"fire\n" if burning else b"fire over\n"


def parse_line(line: bytes, at: float) -> Told | bool | None:
    """A fact, or whether it burns from now on, or None for noise."""
    text = line.decode("ascii", "replace").strip()
    if text in _FIRE:
        return _FIRE[text]
    if text in _READY:
        return _READY[text]
    if text in _TIMED:
        return _TIMED[text](at)
    found = _PASSAGES.get(text)
    if found is None:
        return None
    kind, direction = found
    return kind(direction, at)
