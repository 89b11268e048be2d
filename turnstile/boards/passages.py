"""How a simulated board tells what people do at its turnstile: a line a fact, in ASCII."""

from edge.domain.events import Direction
from turnstile.boards.people import Passage
from turnstile.gate_messages import PassageCompleted, PassageStarted

_VERBS: dict[type[Passage], str] = {PassageStarted: "started", PassageCompleted: "completed"}
_PASSAGES = {f"{verb} {way}": (kind, way) for kind, verb in _VERBS.items() for way in Direction}
_FIRE = {"fire": True, "fire over": False}


def passage_line(passage: Passage) -> bytes:
    """The line for one signal of a passage."""
    return f"{_VERBS[type(passage)]} {passage.direction}\n".encode("ascii")


def fire_line(*, burning: bool) -> bytes:
    """The line for a change of the fire panel."""
    return b"fire\n" if burning else b"fire over\n"


def parse_line(line: bytes, at: float) -> Passage | bool | None:
    """A passage, or whether it burns from now on, or None for noise."""
    text = line.decode("ascii", "replace").strip()
    if text in _FIRE:
        return _FIRE[text]
    found = _PASSAGES.get(text)
    if found is None:
        return None
    kind, direction = found
    return kind(direction, at)
