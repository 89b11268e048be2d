"""Who is a guardian of whom, changed at the kiosk: removed, or added; each with a line in the audit trail."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from edge.audit import AuditTrail
from edge.domain.erasure import Destruction
from edge.domain.ids import ChildId
from edge.domain.people import Child, Guardian, Role
from edge.domain.removal import Removal, RemovalReason
from edge.errors import ConfigError
from edge.policy.holding import filled, objections
from edge.policy.standing import Block, standing
from edge.vault.vault import Vault
from enrollment.finding import find_child, find_guardian, removed_by_pseudonym
from enrollment.looking import note_look, who
from enrollment.opening import note, opened
from enrollment.policy_desk import PolicyDesk
from enrollment.receipts import acknowledge
from enrollment.roster import as_written, guardian_id, guardian_of
from enrollment.settings import KioskSettings


@dataclass(frozen=True, slots=True)
class Removed:
    """What a removal did to one child, and what it left to people."""

    student_number: str
    destroyed: Destruction
    block: Block | None
    objects: bool
    requests: tuple[str, ...]
    guardians_left: int


class GuardianDesk:
    """The kiosk's acts on the guardians of one vault; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail, settings: KioskSettings) -> None:
        self._vault = vault
        self._audit = audit
        self._settings = settings

    def remove(
        self, students: Sequence[str], name: str, reason: RemovalReason, now: datetime
    ) -> list[Removed]:
        """Take one guardian off each of these children, all or none. Raises VaultError for a stranger."""
        children = {child.id: child for child in (find_child(self._vault, each) for each in students)}
        removals = [self._removal(child, name, reason, now) for child in children.values()]
        done = self._vault.remove_guardian(removals)
        for destroyed in done:
            acknowledge(self._vault, self._audit, destroyed, self._settings.school, now)
        return [
            self._removed(children[removal.child], removal, destroyed, now)
            for removal, destroyed in zip(removals, done, strict=True)
        ]

    def namesakes(self, name: str, now: datetime) -> list[str]:
        """The numbers of the children with a guardian of this name; staff know if it is the same person."""
        found = [
            child
            for child in self._vault.roster.all()
            if any(as_written(each.full_name) == as_written(name) for each in self._guardians(child))
        ]
        note_look(self._audit, now, "guardian remove", found)
        known = (self._vault.roster.child(child) for child in found)
        return sorted(child.student_number for child in known if child is not None)

    def add(self, student: str, cells: Mapping[str, str], now: datetime) -> None:
        """Add a guardian, or one who was removed, without any consent; `cells` are named as in a roster.

        Raises ConfigError for a bad field, for one that the policies in force do not allow, and for one who
        is a guardian of the child already.
        """
        child = find_child(self._vault, student)
        if child.role is Role.STAFF:
            raise ConfigError("staff answer for themselves", "Name a pupil's number")
        try:
            guardian = guardian_of(self._vault.pseudonym_key, child, cells, now.date())
        except ValueError as error:
            raise ConfigError(f"nobody was added: {error}", "Mend that field and try again") from None
        rules = PolicyDesk(self._vault, self._audit, self._settings).rules(now)
        if against := objections(filled(guardian), rules):
            raise ConfigError(
                f"nobody was added: {against[0]}",
                "Leave it out; qaqpa-kiosk policy explain shows what is in force",
            )
        if any(
            guardian.id == each.id or as_written(guardian.full_name) == as_written(each.full_name)
            for each in self._guardians(child.id)
        ):
            raise ConfigError(
                "this person is a guardian of the child already",
                "Change an entry with: qaqpa-kiosk rights rectify",
            )
        before = removed_by_pseudonym(self._vault, child.id).get(guardian.id)
        if before is not None:
            guardian = replace(guardian, id=before.guardian_id)
        self._vault.roster.add_guardian(guardian)
        note(self._audit, now, "guardian_added", child=child.id.value, by=who())

    def _removal(self, child: Child, name: str, reason: RemovalReason, now: datetime) -> Removal:
        guardian = find_guardian(self._vault, child.id, name)
        known_as = guardian_id(self._vault.pseudonym_key, child.student_number, guardian.full_name)
        return Removal(guardian.id, child.id, now, reason, who(), known_as)

    def _removed(self, child: Child, removal: Removal, destroyed: Destruction, now: datetime) -> Removed:
        history = self._vault.history(child.id)
        return Removed(
            child.student_number,
            destroyed,
            standing(history, now).block,
            any(
                each.lifted_at is None and each.guardian_id == removal.guardian_id
                for each in history.objections
            ),
            tuple(
                each.id
                for each in self._vault.requests.of(child.id)
                if each.closed_at is None and each.guardian_id == removal.guardian_id
            ),
            len(self._guardians(child.id)),
        )

    def _guardians(self, child: ChildId) -> list[Guardian]:
        return [each for each in self._vault.roster.guardians(child) if not each.is_the_child]


@contextmanager
def open_guardian_desk(settings: KioskSettings, now: datetime) -> Iterator[GuardianDesk]:
    """Open the vault for writing and the audit trail, and close both."""
    with opened(settings, now) as (vault, audit):
        yield GuardianDesk(vault, audit, settings)
