"""Fields of the roster that the policies in force do not allow, or allow no more: found and destroyed."""

from collections.abc import Iterable
from datetime import datetime

from edge.audit import AuditTrail
from edge.domain.ids import ChildId
from edge.policy.holding import forbidden, surplus, without_surplus
from edge.policy.strictest import InForceRules
from edge.vault.vault import Vault


def people_with_surplus(vault: Vault, rules: InForceRules) -> tuple[ChildId, ...]:
    """Of whom more is held than may be; while somebody checks a person's data, nothing of it goes."""
    if not forbidden(rules):
        return ()
    return tuple(
        child for child in vault.roster.all() if _fields(vault, child, rules) and not _checked(vault, child)
    )


def drop_surplus(
    vault: Vault, audit: AuditTrail, children: Iterable[ChildId], rules: InForceRules, now: datetime
) -> int:
    """Empty these fields of children and their guardians; returns of how many children."""
    dropped = 0
    for child in children:
        fields, entry = _fields(vault, child, rules), vault.roster.child(child)
        if entry is None or not fields:
            continue
        guardians = [without_surplus(each, rules) for each in vault.roster.guardians(child)]
        vault.roster.rectify(without_surplus(entry, rules), guardians)
        audit.record(now, "surplus_dropped", child=child.value, fields=",".join(fields))
        dropped += 1
    if dropped:
        audit.sync()
    return dropped


def _fields(vault: Vault, child: ChildId, rules: InForceRules) -> tuple[str, ...]:
    """Of the child or of a guardian, each name once."""
    entry = vault.roster.child(child)
    if entry is None:
        return ()
    of_guardians = (name for each in vault.roster.guardians(child) for name in surplus(each, rules))
    return tuple(dict.fromkeys([*surplus(entry, rules), *of_guardians]))


def _checked(vault: Vault, child: ChildId) -> bool:
    return any(each.lifted_at is None for each in vault.blocks.restrictions(child))
