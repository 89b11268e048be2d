"""The days that may be asked for: those of events, because beyond them arithmetic on times overflows."""

from datetime import date, datetime, timedelta
from typing import Annotated, TypeAlias

import typer
from pydantic import AfterValidator

from sync.wire import EARLIEST, LATEST

_FIRST, _LAST = EARLIEST.date(), LATEST.date() - timedelta(days=1)


def within(day: date) -> date:
    """The day itself. Raises ValueError with a sentence for whoever asked."""
    if not _FIRST <= day <= _LAST:
        raise ValueError(f"no day of events: give one from {_FIRST} to {_LAST}")
    return day


Day: TypeAlias = Annotated[date, AfterValidator(within)]
"""For a page."""


def option(given: datetime | None) -> datetime | None:
    """For a command's option: its callback."""
    if given is not None:
        try:
            within(given.date())
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
    return given
