"""What is done about staff's PINs at the kiosk, each act with a line in the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from edge.audit import AuditTrail
from edge.credentials.pin import hash_pin, require_good
from edge.domain.people import Child, Role
from edge.errors import ConfigError, VaultError
from edge.vault.vault import Vault
from enrollment.finding import find_child
from enrollment.looking import note_look
from enrollment.opening import note, opened
from enrollment.settings import KioskSettings

_TELLING = 4
"""So many digits of a member's number within a PIN are no chance."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff, without the name."""

    number: str
    group: str
    has_pin: bool


class StaffDesk:
    """The kiosk's acts on PINs of one vault; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail) -> None:
        self._vault = vault
        self._audit = audit

    def set_pin(self, number: str, pin: str, now: datetime) -> None:
        """Give a member this PIN. Raises ConfigError for a poor one, VaultError for anybody but staff."""
        member = self._member(number)
        try:
            require_good(pin, member.birthday)
        except ValueError as error:
            raise ConfigError(str(error), "Choose digits that nobody would guess") from None
        digits = "".join(filter(str.isdigit, member.student_number))
        if len(digits) >= _TELLING and digits in pin:
            raise ConfigError("this PIN holds the member's number", "Choose digits that nobody would guess")
        self._vault.pins.put(member.id, hash_pin(pin))
        note(self._audit, now, "pin_set", staff=member.id.value)

    def revoke_pin(self, number: str, now: datetime) -> bool:
        """Take a member's PIN away; false if there was none."""
        member = self._member(number)
        ended = self._vault.pins.revoke(member.id)
        note(self._audit, now, "pin_revoked", staff=member.id.value, ended=int(ended))
        return ended

    def members(self, now: datetime) -> list[Member]:
        """All staff, by group and number."""
        with_pin = self._vault.pins.holders()
        people = (self._vault.roster.child(id_) for id_ in self._vault.roster.all())
        staff = [each for each in people if each is not None and each.role is Role.STAFF]
        note_look(self._audit, now, "staff list", [each.id for each in staff])
        members = [Member(each.student_number, each.group, each.id in with_pin) for each in staff]
        return sorted(members, key=lambda member: (member.group, member.number))

    def _member(self, number: str) -> Child:
        member = find_child(self._vault, number)
        if member.role is not Role.STAFF:
            raise VaultError(
                "this is a pupil's number, and only staff have PINs",
                "See the numbers of staff: qaqpa-kiosk staff list",
            )
        return member


@contextmanager
def open_staff_desk(settings: KioskSettings, now: datetime) -> Iterator[StaffDesk]:
    """Open the vault for writing and the audit trail, and close both."""
    with opened(settings, now) as (vault, audit):
        yield StaffDesk(vault, audit)
