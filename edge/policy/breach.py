"""By when a breach is told to the authorised body, and which are pressing. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from edge.domain.breach import Breach
from edge.policy.public_holidays import KAZAKHSTAN, WorkCalendar
from edge.policy.strictest import InForceRules
from edge.policy.values import Term
from edge.policy.working_days import deadline

LAW = Term(working_days=1)
"""Law 94-V, article 25: for rules that say nothing."""


def notice_term(rules: InForceRules) -> Term:
    """The term in force; never a longer one than the law's."""
    found = rules.get("breach_notice")
    value = found.value if found is not None else None
    return LAW.meet(value) if isinstance(value, Term) else LAW


def notify_by(
    found_at: datetime, term: Term, zone: ZoneInfo, calendar: WorkCalendar = KAZAKHSTAN
) -> datetime:
    """The moment before which the authorised body is told; counted from when the breach was found."""
    ends = []
    if term.working_days is not None:
        ends.append(deadline(found_at, term.working_days, zone, calendar))
    if term.calendar_days is not None:
        day = found_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        ends.append(day + timedelta(days=term.calendar_days + 1))
    return min(ends)


def pressing(breaches: Iterable[Breach], now: datetime, term: Term, zone: ZoneInfo) -> str | None:
    """One line for staff about breaches that are still open, or None; without what happened."""
    ends = sorted(notify_by(each.found_at, term, zone) for each in breaches if each.closed_at is None)
    if not ends:
        return None
    late = sum(end <= now for end in ends)
    told = f"{len(ends)} breach{'es' * (len(ends) > 1)} open"
    if late:
        return f"{told}, {late} OVERDUE: the authorised body had to be told by {_when(ends[0], zone)}"
    return f"{told}: tell the authorised body by {_when(ends[0], zone)}"


def _when(end: datetime, zone: ZoneInfo) -> str:
    """A midnight is the end of the day before it."""
    return f"{(end - timedelta(minutes=1)).astimezone(zone):%d.%m.%Y %H:%M}"
