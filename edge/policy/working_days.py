"""Terms that the law counts in working days. Pure."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from edge.policy.public_holidays import KAZAKHSTAN, WorkCalendar

_LONGEST_REST = 31
"""No calendar rests for so many days on end; one that seems to is wrong."""


def deadline(
    begun: datetime, working_days: int, zone: ZoneInfo, calendar: WorkCalendar = KAZAKHSTAN
) -> datetime:
    """The midnight, in `zone`, that ends the n-th working day after the day of `begun`.

    The day of `begun` itself does not count, whatever the hour; what is done before the returned moment is in
    time. Raises ValueError for a moment without zone and for less than one day.
    """
    if begun.tzinfo is None:
        raise ValueError("begun has no time zone")
    if working_days < 1:
        raise ValueError("a term is one working day at least")
    day = begun.astimezone(zone).date()
    for _ in range(working_days):
        day = _next_working_day(day, calendar)
    return datetime.combine(day + timedelta(days=1), time(), zone)


def _next_working_day(day: date, calendar: WorkCalendar) -> date:
    for later in range(1, _LONGEST_REST + 1):
        following = day + timedelta(days=later)
        if calendar.is_working_day(following):
            return following
    raise ValueError("this calendar has no working day within a month")
