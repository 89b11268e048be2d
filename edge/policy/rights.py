"""When a request is due, and how it stands: derived each time, stored nowhere.

Law 94-V: one working day to correct, block, unblock or destroy; three to answer. A policy that binds the
school may set a shorter term, never a longer one than the law's; complaints are the policies' own matter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from edge.domain.requests import Request, Right
from edge.policy.public_holidays import KAZAKHSTAN, WorkCalendar
from edge.policy.strictest import InForceRules
from edge.policy.values import Term
from edge.policy.working_days import deadline

_ONE_DAY = timedelta(days=1)


FLOOR: Final[Mapping[Right, Term]] = MappingProxyType(
    {
        Right.ACCESS: Term(working_days=3),
        Right.RECTIFICATION: Term(working_days=1),
        Right.RESTRICTION: Term(working_days=1),
        Right.UNBLOCKING: Term(working_days=1),
        Right.WITHDRAWAL: Term(working_days=1),
        Right.ERASURE: Term(working_days=1),
        Right.OBJECTION: Term(working_days=1),
        Right.COMPLAINT: Term(working_days=7),
    }
)
"""The terms without any policy; for a complaint the Kezekshi agreement's (7.1), as the law sets none."""


class State(StrEnum):
    """How a request stands, the most urgent first."""

    OVERDUE = "overdue"
    NEARLY = "nearly_overdue"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Clock:
    """What a term is counted by: whose midnight ends a day, which days are worked, and the terms."""

    zone: ZoneInfo
    terms: Mapping[Right, Term] = field(default_factory=lambda: FLOOR)
    calendar: WorkCalendar = KAZAKHSTAN


_RULES: Final[Mapping[Right, str]] = MappingProxyType(
    {
        **dict.fromkeys(Right, "restriction_done"),
        Right.ACCESS: "request_answer",
        Right.RECTIFICATION: "correction_done",
        Right.COMPLAINT: "complaint_answer",
    }
)
"""Where each term stands among the rules; 94-V, art. 25 sets one for blocking and destroying alike."""


def terms_of(rules: InForceRules) -> Mapping[Right, Term]:
    """The terms of the policies in force, the strictest of them and the law's."""
    found = {right: rules.get(rule) for right, rule in _RULES.items()}
    return {
        right: rule.value if rule is not None and isinstance(rule.value, Term) else FLOOR[right]
        for right, rule in found.items()
    }


def due(request: Request, clock: Clock) -> datetime:
    """The moment before which the request must be answered: a midnight at the school."""
    term, ends = clock.terms[request.right], []
    if term.working_days is not None:
        ends.append(deadline(request.received_at, term.working_days, clock.zone, clock.calendar))
    if term.calendar_days is not None:
        last = request.received_at.astimezone(clock.zone).date() + timedelta(days=term.calendar_days)
        ends.append(datetime.combine(last + _ONE_DAY, time(), clock.zone))
    return min(ends)


def state(request: Request, now: datetime, clock: Clock) -> State:
    """How it stands; nearly overdue from the morning of the last working day that is left."""
    if request.closed_at is not None:
        return State.CLOSED
    ends = due(request, clock)
    if now >= ends:
        return State.OVERDUE
    return State.NEARLY if now >= _last_working_day(ends, clock) else State.OPEN


def in_time(request: Request, clock: Clock) -> bool | None:
    """Whether it was closed in time; None while it is open."""
    return None if request.closed_at is None else request.closed_at < due(request, clock)


def most_urgent_first(requests: Iterable[Request], now: datetime, clock: Clock) -> list[Request]:
    """Overdue ones first, closed ones last; within a state the earliest due."""
    order = list(State)
    return sorted(
        requests, key=lambda each: (order.index(state(each, now, clock)), due(each, clock), each.id)
    )


def pressing(requests: Iterable[Request], now: datetime, clock: Clock) -> str:
    """One line about what is overdue or nearly so; empty where nothing is."""
    states = [state(each, now, clock) for each in requests]
    overdue, nearly = states.count(State.OVERDUE), states.count(State.NEARLY)
    parts = []
    if overdue:
        parts.append(f"{overdue} {_requests(overdue)} overdue")
    if nearly:
        parts.append(f"{nearly} {_requests(nearly)} on the last working day")
    return ", ".join(parts)


def _requests(number: int) -> str:
    return "request about a child's data is" if number == 1 else "requests about children's data are"


def _last_working_day(ends: datetime, clock: Clock) -> datetime:
    """The midnight that begins the last working day before `ends`, itself a midnight."""
    day = ends.date() - _ONE_DAY
    while not clock.calendar.is_working_day(day):
        day -= _ONE_DAY
    return datetime.combine(day, time(), clock.zone)
