"""What a rule can say, each kind with its order of strictness. Pure.

`meet` of two values is the laxest one that is as strict as both. It is commutative, associative and
idempotent, so the order in which policies are named never matters.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Self

from edge.policy.vocabulary import Scale


class Value(ABC):
    """One kind of value."""

    __slots__ = ()

    @abstractmethod
    def meet(self, other: Self) -> Self:
        """As strict as both, and no stricter."""


def as_strict(one: Value, other: Value) -> bool:
    """Whether whoever keeps `one` keeps `other`; both of one kind."""
    return one.meet(other) == one


@dataclass(frozen=True, slots=True)
class Age(Value):
    """Nobody younger than so many years: the higher, the stricter."""

    years: int

    def meet(self, other: Self) -> Self:
        """The higher age."""
        return max(self, other, key=lambda age: age.years)

    def __str__(self) -> str:
        return f"at least {self.years} years"


@dataclass(frozen=True, slots=True)
class Days(Value):
    """No longer than so many days: the fewer, the stricter."""

    most: int

    def meet(self, other: Self) -> Self:
        """The fewer days."""
        return min(self, other, key=lambda days: days.most)

    def __str__(self) -> str:
        return f"at most {self.most} days"


@dataclass(frozen=True, slots=True)
class Only(Value):
    """Nothing but these: the fewer, the stricter."""

    allowed: frozenset[str]

    def meet(self, other: Self) -> Self:
        """What both allow."""
        return replace(self, allowed=self.allowed & other.allowed)

    def __str__(self) -> str:
        return f"only {', '.join(sorted(self.allowed))}" if self.allowed else "nothing"


@dataclass(frozen=True, slots=True)
class Required(Value):
    """Whether something must be done: "must" is the stricter."""

    required: bool

    def meet(self, other: Self) -> Self:
        """Required as soon as one asks for it."""
        return replace(self, required=self.required or other.required)

    def __str__(self) -> str:
        return "required" if self.required else "not required"


@dataclass(frozen=True, slots=True)
class Level(Value):
    """At least this word of a scale: the further along, the stricter."""

    least: Scale

    def meet(self, other: Self) -> Self:
        """The further word."""
        return max(self, other, key=lambda level: level.least.rank)

    def __str__(self) -> str:
        return f"at least {self.least}"


@dataclass(frozen=True, slots=True)
class Term(Value):
    """Within so many working days, calendar days, or whichever of both ends first; None: no such limit.

    A limit that can never end first is left out, so that equal terms are equal values.
    """

    working_days: int | None = None
    calendar_days: int | None = None

    def __post_init__(self) -> None:
        working, calendar = self.working_days, self.calendar_days
        if working is not None and calendar is not None:
            if calendar <= working:
                object.__setattr__(self, "working_days", None)
            elif calendar >= longest_span(working):
                object.__setattr__(self, "calendar_days", None)

    def meet(self, other: Self) -> Self:
        """Whichever ends first."""
        return replace(
            self,
            working_days=_fewer(self.working_days, other.working_days),
            calendar_days=_fewer(self.calendar_days, other.calendar_days),
        )

    def __str__(self) -> str:
        parts = []
        if self.working_days is not None:
            parts.append(f"{self.working_days} working day{'s' * (self.working_days != 1)}")
        if self.calendar_days is not None:
            parts.append(f"{self.calendar_days} calendar day{'s' * (self.calendar_days != 1)}")
        return f"within {' or '.join(parts)}" if parts else "no term"


def longest_span(working_days: int) -> int:
    """Calendar days that so many working days never exceed: weekends and Kazakhstan's holidays leave room.

    A bound, not a count; tests hold it against the calendar of twenty years.
    """
    return 3 * working_days + 7


def _fewer(one: int | None, other: int | None) -> int | None:
    return min((days for days in (one, other) if days is not None), default=None)
