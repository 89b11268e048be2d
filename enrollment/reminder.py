"""The one line that every command of the kiosk prints while a request is overdue, or nearly so."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console

from edge.policy.rights import Clock, pressing
from edge.vault.vault import Vault
from enrollment.settings import KioskSettings


def clock_of(settings: KioskSettings) -> Clock:
    """What the terms of this school are counted by."""
    return Clock(ZoneInfo(settings.time_zone))


def remind(vault: Vault, settings: KioskSettings, now: datetime) -> None:
    """Say it on standard error, so that what a command prints can still be piped."""
    line = pressing(vault.requests.still_open(), now, clock_of(settings))
    if line:
        Console(stderr=True).print(
            f"[red bold]{line}.[/] See: qaqpa-kiosk rights list", highlight=False, soft_wrap=True
        )
