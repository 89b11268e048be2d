"""`qaqpa-hub attendance`: who came and went on a day."""

from contextlib import closing
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from edge.config import load
from sync.hub import days
from sync.hub.attendance import sightings
from sync.hub.commands.options import DEFAULT_CONFIG, Config
from sync.hub.database import Database
from sync.hub.settings import HubSettings


def attendance(
    config: Config = DEFAULT_CONFIG,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], callback=days.option, help="Today if not given.")
    ] = None,
) -> None:
    """Print a day's events."""
    settings = load(config, HubSettings)
    zone = ZoneInfo(settings.time_zone)
    table = Table("time", "gate", "way", "who", "how", "what")
    with closing(Database(settings.database)) as database:
        school = None if settings.schools else settings.school
        for each in sightings(database, _day(day, zone), zone, school):
            who = each.display_name or (str(each.child)[:8] if each.child else "-")
            time = f"{each.occurred:%H:%M:%S}{'' if each.time_certain else ' ?'}"
            table.add_row(time, each.gate, each.direction.value, who, each.method.value, each.kind.value)
    Console().print(table)


def _day(day: datetime | None, zone: ZoneInfo) -> date:
    return datetime.now(zone).date() if day is None else day.date()
