"""Opens what every act at the kiosk needs: the vault for writing and the audit trail; or the vault alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from edge.audit import AuditTrail
from edge.vault.vault import Vault
from enrollment.breach_reminder import tell_urgent
from enrollment.receipts import acknowledge_overdue
from enrollment.reminder import remind
from enrollment.settings import KioskSettings


@contextmanager
def opened(settings: KioskSettings, now: datetime) -> Iterator[tuple[Vault, AuditTrail]]:
    """The vault for writing and the audit trail, which no other command writes to meanwhile.

    So nobody is waited for in here: neither for an answer nor for somebody before the camera.
    """
    with Vault.open(settings.vault.path, settings.vault.key, now=now, writable=True) as vault:
        _remind(vault, settings, now)
        audit = vault.open_trail(settings.audit, partial(vault.trail_ends.keep, settings.audit))
        try:
            acknowledge_overdue(vault, audit, settings.school, now)
            yield vault, audit
        finally:
            audit.close()


@contextmanager
def reading(settings: KioskSettings, now: datetime) -> Iterator[Vault]:
    """The vault alone, for a command that changes nothing; it waits for no other."""
    with Vault.open(settings.vault.path, settings.vault.key, now=now) as vault:
        _remind(vault, settings, now)
        yield vault


def _remind(vault: Vault, settings: KioskSettings, now: datetime) -> None:
    remind(vault, settings, now)
    tell_urgent(vault, settings, now)


def note(audit: AuditTrail, now: datetime, what: str, **details: str | int) -> None:
    """One line in the audit trail, on the disk before anything else is done."""
    audit.record(now, what, **details)
    audit.sync()
