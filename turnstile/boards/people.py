"""Simulated people: what happens at the turnstile after it was released. Pure; time is an argument."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from pydantic import Field

from edge.config import Settings
from edge.domain.events import Direction
from turnstile.gate_messages import PassageCompleted, PassageStarted

Passage: TypeAlias = PassageStarted | PassageCompleted


class Behaviour(StrEnum):
    """What the person for whom the turnstile was released does."""

    PASS = "pass"  # noqa: S105 - a walk, no password
    NO_SHOW = "no_show"
    SLOW = "slow"
    WRONG_WAY = "wrong_way"
    TAILGATE = "tailgate"
    FIRE = "fire"


class PeopleSettings(Settings):
    """Seconds from a release to the end of a passage, and what each next person does (then all pass).

    A person enters the turnstile after half of `walk_seconds`; a slow one then needs `slow_seconds`.
    In `tailgate` a second one follows the first, half a step behind.
    """

    walk_seconds: float = Field(default=1.5, gt=0, le=60)
    slow_seconds: float = Field(default=15.0, gt=0, le=600)
    behaviour: tuple[Behaviour, ...] = ()


@dataclass(slots=True)
class _Walk:
    direction: Direction
    starts: float
    completes: float
    begun: bool = False


class People:
    """Whoever stands at one turnstile."""

    def __init__(self, settings: PeopleSettings) -> None:
        self._settings = settings
        self._script = iter(settings.behaviour)
        self._next: Behaviour | None = None
        self._walks: list[_Walk] = []
        self._fire_from: float | None = None

    @property
    def inside(self) -> int:
        """How many are in the turnstile."""
        return sum(walk.begun for walk in self._walks)

    @property
    def walking(self) -> int:
        """How many are in the turnstile or on their way into it."""
        return len(self._walks)

    def next_does(self, behaviour: Behaviour) -> None:
        """Say what the next person does, before the script goes on."""
        self._next = behaviour

    def walk(self, direction: Direction, at: float) -> None:
        """Somebody walks through unasked: out, where that is free, or in by force."""
        self._enter(direction, at, at + self._settings.walk_seconds / 2)

    def released(self, direction: Direction, at: float) -> None:
        """The turnstile opened in one direction: the next person acts."""
        behaviour = self._next or next(self._script, Behaviour.PASS)
        self._next = None
        enters = at + self._settings.walk_seconds / 2
        match behaviour:
            case Behaviour.PASS:
                self._enter(direction, enters, at + self._settings.walk_seconds)
            case Behaviour.SLOW:
                self._enter(direction, enters, enters + self._settings.slow_seconds)
            case Behaviour.WRONG_WAY:
                opposite = Direction.OUT if direction is Direction.IN else Direction.IN
                self._enter(opposite, enters, at + self._settings.walk_seconds)
            case Behaviour.TAILGATE:
                leaves = at + self._settings.walk_seconds
                behind = (leaves - enters) / 2
                self._enter(direction, enters, leaves)
                self._enter(direction, enters + behind, leaves + behind)
            case Behaviour.FIRE:
                self._fire_from = enters
            case Behaviour.NO_SHOW:
                pass

    def _enter(self, direction: Direction, starts: float, completes: float) -> None:
        self._walks.append(_Walk(direction, starts, completes))

    def locked(self) -> None:
        """The turnstile locked: who has not entered yet stays outside."""
        self._walks = [walk for walk in self._walks if walk.begun]

    def fire(self, at: float) -> None:
        """The fire panel reports a fire, until `fire_over`."""
        self._fire_from = at

    def fire_over(self) -> None:
        """The fire panel is quiet again."""
        self._fire_from = None

    def burning(self, at: float) -> bool:
        """Whether the fire panel reports a fire now."""
        return self._fire_from is not None and self._fire_from <= at

    def due(self, at: float) -> list[Passage]:
        """The passages up to now that were not told yet, oldest first."""
        told: list[Passage] = []
        for walk in self._walks:
            if not walk.begun and walk.starts <= at:
                walk.begun = True
                told.append(PassageStarted(walk.direction, walk.starts))
            if walk.completes <= at:
                told.append(PassageCompleted(walk.direction, walk.completes))
        self._walks = [walk for walk in self._walks if walk.completes > at]
        return sorted(told, key=lambda passage: passage.at)
