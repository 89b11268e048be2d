"""The one line that every command of the kiosk prints while a request is overdue, or nearly so."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console

from edge.errors import ConfigError
from edge.policy.rights import Clock, pressing, terms_of
from edge.vault.vault import Vault
from enrollment.policy_desk import rules_in_force
from enrollment.settings import KioskSettings


def clock_of(vault: Vault, settings: KioskSettings, now: datetime) -> Clock:
    """What the terms of this school are counted by; the law's, where its policies cannot be read."""
    zone = ZoneInfo(settings.time_zone)
    try:
        rules = rules_in_force(vault, settings.policy.profiles, now.astimezone(zone).date())
    except ConfigError:  # said by the commands that need them; a request is reminded of all the same
        return Clock(zone)
    return Clock(zone, terms_of(rules))


def remind(vault: Vault, settings: KioskSettings, now: datetime) -> None:
    """Say it, if there is anything to say; the policies are read only where a request is open."""
    waiting = vault.requests.still_open()
    if waiting:
        say_aloud(pressing(waiting, now, clock_of(vault, settings, now)), "qaqpa-kiosk rights list")


def say_aloud(line: str | None, command: str) -> None:
    """On standard error, so that what a command prints can still be piped; `command` shows more."""
    if line:
        Console(stderr=True).print(f"[red bold]{line}.[/] See: {command}", highlight=False, soft_wrap=True)
