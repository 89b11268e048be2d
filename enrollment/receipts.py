"""A destruction's line in the audit trail, then its receipt, which says where the trail ended."""

from datetime import datetime
from typing import Final

from edge.audit import AuditTrail
from edge.domain.erasure import Destruction, ErasureReason
from edge.domain.ids import Slug
from edge.vault.vault import Vault

WHAT: Final = {
    ErasureReason.WITHDRAWAL: "withdrawn",
    ErasureReason.ERASURE: "erased",
    ErasureReason.OBJECTION: "objected",
    ErasureReason.RETENTION: "consent_ran_out",
    ErasureReason.GUARDIAN_REMOVED: "guardian_removed",
}
"""The word in the audit trail for each reason."""


def acknowledge(
    vault: Vault, audit: AuditTrail, done: Destruction, school: Slug, now: datetime, *, late: bool = False
) -> None:
    """Note a destruction and, if it is gone for good, sign its receipt; else that is done later."""
    audit.record(
        now,
        WHAT[done.reason],
        erasure=done.number,
        child=done.child.value,
        templates=done.templates,
        consents=done.consents,
        **_why(vault, done),
        **({"late": True} if late else {}),
    )
    audit.sync()
    if done.gone is not None:
        vault.certify(done.number, school, audit.head)


def acknowledge_overdue(vault: Vault, audit: AuditTrail, school: Slug, now: datetime) -> None:
    """The same for whatever a power cut kept from it, and for what ran out when the vault was opened."""
    for done in vault.erasures.uncertified():
        acknowledge(vault, audit, done, school, now, late=done.reason is not ErasureReason.RETENTION)


def _why(vault: Vault, done: Destruction) -> dict[str, str]:
    """Of the removal of a guardian, why and by whom; the vault knows it, also after a power cut."""
    if done.reason is not ErasureReason.GUARDIAN_REMOVED:
        return {}
    removals = [each for each in vault.removals.of(done.child) if each.at == done.at]
    return {"why": removals[0].reason.value, "by": removals[0].by} if removals else {}
