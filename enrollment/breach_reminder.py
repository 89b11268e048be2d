"""The one line that every command of the kiosk prints while a breach is open: its clock runs."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console

from edge.errors import ConfigError
from edge.policy.breach import LAW, notice_term, pressing
from edge.policy.library import find_all, floor
from edge.policy.strictest import strictest
from edge.policy.values import Term
from edge.vault.vault import Vault
from enrollment.settings import KioskSettings


def urgent(vault: Vault, settings: KioskSettings, now: datetime) -> str | None:
    """What staff must be told about open breaches, or None."""
    open_ = vault.breaches.still_open()
    if not open_:
        return None
    try:
        term = term_of(vault, settings, now)
    except ConfigError:  # a policy's file is broken: that must keep nobody from any other command
        term = LAW
    return pressing(open_, now, term, ZoneInfo(settings.time_zone))


def term_of(vault: Vault, settings: KioskSettings, now: datetime) -> Term:
    """The term in force to tell the authorised body."""
    today = now.astimezone(ZoneInfo(settings.time_zone)).date()
    profiles = find_all(settings.policy.profiles)
    bound = [profile.bound(vault.editions.in_force(profile, today)) for profile in profiles]
    return notice_term(strictest(bound, floor()))


def tell_urgent(vault: Vault, settings: KioskSettings, now: datetime) -> None:
    """Say it on standard error, so that what a command prints can still be piped."""
    line = urgent(vault, settings, now)
    if line:
        Console(stderr=True).print(
            f"[red bold]{line}.[/] See: qaqpa-kiosk breach list", highlight=False, soft_wrap=True
        )
