"""Brings the school's roster into the vault; who is on it already stays who it is."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from edge.audit import AuditTrail
from edge.domain.consent import DataCategory
from edge.domain.people import Child
from edge.errors import ConfigError, VaultError
from edge.policy.holding import filled, objections
from edge.vault.vault import Vault
from enrollment.opening import note
from enrollment.policy_desk import PolicyDesk
from enrollment.roster import Entry, as_written, read_roster

_OF_GUARDIAN = {"full_name": "guardian_name", "iin": "guardian_iin", "born": "guardian_born"}
"""Columns of the file that are not named as the guardian's field is."""


class RosterDesk:
    """One vault's roster; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail, policies: PolicyDesk) -> None:
        self._vault = vault
        self._audit = audit
        self._policies = policies

    def import_file(self, path: Path, now: datetime) -> int:
        """Add or update everybody on the file; all lines are checked before the first is written.

        Raises ConfigError for a bad line, and for a column that the policies in force do not allow.
        """
        read = read_roster(path, self._vault.pseudonym_key, now.date())
        self._require_allowed(path.name, read, now)
        entries = [self._as_known(entry) for entry in read]
        for entry in entries:
            self._require_same_role(entry.child)
            self._require_same_iins(entry)
        for entry in entries:
            self._vault.roster.put(entry.child, entry.guardians)
        note(self._audit, now, "roster_imported", people=len(entries))
        return len(entries)

    def _require_allowed(self, file: str, entries: list[Entry], now: datetime) -> None:
        columns = {name: kind for entry in entries for name, kind in _columns(entry).items()}
        against = objections(columns, self._policies.rules(now))
        if against:
            raise ConfigError(
                f"{file} was not imported: {against[0]}",
                "Leave these columns out of the file; qaqpa-kiosk policy explain shows what is in force",
            )

    def _require_same_role(self, entry: Child) -> None:
        known = self._vault.roster.child(entry.id)
        if known is not None and known.role is not entry.role:
            raise VaultError(
                f"number {entry.student_number} belongs to {known.role.value} already; nothing was imported",
                "Give this person another number, or erase the old entry first: qaqpa-kiosk enroll erase",
            )

    def _require_same_iins(self, entry: Entry) -> None:
        try:
            self._vault.roster.checked(entry.child, entry.guardians)
        except VaultError as error:
            raise VaultError(
                f"number {entry.child.student_number}: {error.args[0]}; nothing was imported", error.remedy
            ) from None

    def _as_known(self, entry: Entry) -> Entry:
        """The entry with its guardians as they are known: a name that was rectified keeps its pseudonym."""
        if self._vault.roster.child(entry.child.id) is None:
            return entry
        ids = {as_written(each.full_name): each.id for each in self._vault.roster.guardians(entry.child.id)}
        return Entry(
            entry.child,
            [replace(each, id=ids.get(as_written(each.full_name), each.id)) for each in entry.guardians],
        )


def _columns(entry: Entry) -> dict[str, DataCategory]:
    """The columns of the file that say something about this entry, with the kind of data of each."""
    columns = filled(entry.child)
    for guardian in entry.guardians:
        names = {} if guardian.is_the_child else _OF_GUARDIAN
        columns |= {names.get(name, name): kind for name, kind in filled(guardian).items()}
    return columns
