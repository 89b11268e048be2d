"""Which roster fields a rectification changes, and what the entries are then."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from edge.domain.consent import DataCategory
from edge.domain.people import (
    Child,
    Guardian,
    Role,
    answering_for_oneself,
    check_born,
    check_iin_of_somebody,
)
from edge.errors import ConfigError
from edge.policy.holding import CHILD, GUARDIAN
from edge.vault.vault import Vault
from enrollment.finding import find_guardian

Value = str | date


@dataclass(frozen=True, slots=True)
class Corrections:
    """New values by the field's name: of the child, and of one guardian, who is found by the name of now."""

    child: Mapping[str, Value] = field(repr=False)
    guardian_name: str | None = field(default=None, repr=False)
    guardian: Mapping[str, Value] = field(default_factory=dict, repr=False)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what changes, for the audit trail."""
        return (*self.child, *(f"guardian.{name}" for name in self.guardian))

    @property
    def kinds(self) -> dict[str, DataCategory]:
        """What would be held afterwards, by the field's name, and the kind of data it is."""
        of_child = {name: CHILD[name] for name, value in self.child.items() if value}
        return of_child | {
            f"guardian.{name}": GUARDIAN[name] for name, value in self.guardian.items() if value
        }


def corrected(
    vault: Vault, child: Child, corrections: Corrections, today: date
) -> tuple[Child, list[Guardian]]:
    """The entries as they should be. Raises ConfigError naming a bad field, VaultError for a stranger."""
    if not corrections.fields:
        raise ConfigError("nothing is corrected", "Name a field with its right value, such as --full-name")
    if corrections.guardian and corrections.guardian_name is None and child.role is Role.PUPIL:
        raise ConfigError("a guardian's field without the guardian", "Name whose it is with --guardian")
    try:
        entry = replace(child, **_checked(corrections.child, today))
        return entry, _guardians(vault, entry, corrections, today)
    except ValueError as error:
        raise ConfigError(f"nothing was corrected: {error}", "Mend that field and try again") from None


def _guardians(vault: Vault, entry: Child, corrections: Corrections, today: date) -> list[Guardian]:
    """Of a member of staff the person itself, whose name and IIN are those of the entry."""
    if entry.role is Role.STAFF:
        (known,) = vault.roster.guardians(entry.id)
        told = {"phone": known.phone, "email": known.email, **corrections.guardian}
        return [answering_for_oneself(entry, str(told["phone"]), str(told["email"]))]
    if corrections.guardian_name is None:
        return []
    guardian = find_guardian(vault, entry.id, corrections.guardian_name)
    return [replace(guardian, **_checked(corrections.guardian, today))]


def _checked(values: Mapping[str, Value], today: date) -> dict[str, Any]:
    """The values, any IIN with its control digit and any birthday checked. Raises ValueError."""
    if isinstance(iin := values.get("iin"), str) and iin:
        check_iin_of_somebody(iin, today, "iin")
    if isinstance(born := values.get("born"), date):
        check_born(born, today, "born")
    return dict(values)
