"""People on the roster by what staff know of them: a number, a name."""

from edge.domain.ids import ChildId, pseudonym
from edge.domain.people import Child, Guardian
from edge.domain.removal import Removal
from edge.errors import VaultError
from edge.vault.vault import Vault
from enrollment.roster import as_written


def find_child(vault: Vault, student_number: str) -> Child:
    """The child with this number. Raises VaultError for one who is not on the roster."""
    try:
        child = vault.roster.child(pseudonym(vault.pseudonym_key, student_number))
    except ValueError:
        child = None
    if child is None:
        raise VaultError(
            f"student number {student_number} is not on the roster",
            "Check the number, or import the roster: qaqpa-kiosk enroll roster FILE",
        )
    return child


def find_guardian(vault: Vault, child: ChildId, name: str) -> Guardian:
    """The guardian of this name. Raises VaultError for a name that is not on the roster with the child."""
    for guardian in vault.roster.guardians(child):
        if as_written(guardian.full_name) == as_written(name):
            return guardian
    raise VaultError(
        "guardian: this person is not on the roster as a guardian of the child",
        "Write the name as it stands on the roster, or mend the roster and import it again",
    )


def removed_by_pseudonym(vault: Vault, child: ChildId) -> dict[str, Removal]:
    """Every removal of a guardian of this child, under each pseudonym that a name of theirs made."""
    removals = vault.removals.of(child)
    return {pseudonym: each for each in removals for pseudonym in (each.known_as, each.guardian_id)}
