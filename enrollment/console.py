"""What the kiosk's commands share: the terminal, common arguments, moments as people write them."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Column, Table

from edge.errors import ConfigError
from enrollment.settings import KioskSettings

console = Console()
Config = Annotated[Path, typer.Option(help="The kiosk's configuration file.")]
Student = Annotated[str, typer.Argument(help="The number on the school's roster, of a pupil or of staff.")]
DEFAULT_CONFIG = Path("/etc/qaqpa/kiosk.toml")
YEARS = range(2000, 2101)
"""In which whatever is told here happens; any other year is mistyped."""


def whole_table(*titles: str | Column) -> Table:
    """A table that wraps what does not fit; rich would cut it off, and half a value may say the opposite."""
    return Table(*(Column(each, overflow="fold") if isinstance(each, str) else each for each in titles))


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def day(moment: datetime, settings: KioskSettings) -> str:
    """The day at the school."""
    return f"{moment.astimezone(ZoneInfo(settings.time_zone)):%d.%m.%Y}"


def last_moment(end: datetime, settings: KioskSettings) -> str:
    """The last day that something counts or, where it ends within a day, that day and the time."""
    local = end.astimezone(ZoneInfo(settings.time_zone))
    at_midnight = local.hour == local.minute == 0
    return day(end - timedelta(minutes=1), settings) if at_midnight else f"{local:%d.%m.%Y %H:%M}"


def end_of(days: int, settings: KioskSettings) -> datetime:
    """The end of the day at the school in so many days."""
    zone = ZoneInfo(settings.time_zone)
    return datetime.combine(now().astimezone(zone).date() + timedelta(days=days + 1), time(), zone)


def moment_of(text: str, settings: KioskSettings) -> datetime:
    """2027-05-25 begins that day at the school, 2027-05-25T18:00 is that minute.

    Raises ConfigError, also for a year that is surely mistyped.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"{text!r} is no date", "Write it like 2027-05-25, or with a time like 2027-05-25T18:00"
        ) from None
    if moment.year not in YEARS:
        raise ConfigError(
            f"{text}: the year is not one from {YEARS[0]} to {YEARS[-1]}",
            "Write it with four digits, as 2027",
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings.time_zone))


def last_of(text: str, settings: KioskSettings) -> datetime:
    """2027-05-25 is the end of that day at the school, 2027-05-25T18:00 that minute. Raises ConfigError."""
    end = moment_of(text, settings)
    return end + timedelta(days=1) if len(text) <= len("2027-05-25") else end


def end_at(text: str, settings: KioskSettings) -> datetime:
    """The same for what still lies ahead. Raises ConfigError."""
    end = last_of(text, settings)
    if end <= now():
        raise ConfigError(f"{text} is over", "Name a later day, and check the clock of this device")
    return end
