"""The one line that every command of the kiosk prints while a breach is open: its clock runs."""

from datetime import datetime
from zoneinfo import ZoneInfo

from edge.errors import ConfigError
from edge.policy.breach import LAW, notice_term, pressing
from edge.policy.library import find_all
from edge.policy.values import Term
from edge.vault.vault import Vault
from enrollment.policy_desk import rules_of
from enrollment.reminder import say_aloud
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
    return notice_term(rules_of(vault, find_all(settings.policy.profiles), today))


def tell_urgent(vault: Vault, settings: KioskSettings, now: datetime) -> None:
    """Say it, if a breach is open."""
    say_aloud(urgent(vault, settings, now), "qaqpa-kiosk breach list")
