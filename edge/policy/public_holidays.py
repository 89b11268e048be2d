"""Kazakhstan's public holidays, from the library `holidays`: transferred days and working Saturdays included.

Eid al-Adha follows the moon: beyond the years that were announced the library gives an estimate.
"""

from datetime import date
from functools import cached_property
from typing import Final, Protocol

import holidays


class WorkCalendar(Protocol):
    """Tells working days from others."""

    def is_working_day(self, day: date, /) -> bool:
        """Whether offices work on this day."""
        ...


class Kazakhstan:
    """The country's calendar. It is loaded, and years are worked out, when they are first asked for."""

    @cached_property
    def _days(self) -> holidays.HolidayBase:
        return holidays.country_holidays("KZ")

    def __contains__(self, day: object) -> bool:
        """Whether this date is a public holiday, or a day off in place of one; a mere Sunday is not."""
        return isinstance(day, date) and day in self._days

    def is_working_day(self, day: date, /) -> bool:
        """Whether offices work: no public holiday, and no weekend but one that was made a working day."""
        return self._days.is_working_day(day)


KAZAKHSTAN: Final = Kazakhstan()
