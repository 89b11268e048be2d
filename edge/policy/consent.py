"""When a child may be matched: small policies over one consent, combined by AllOf."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.domain.consent import Consent, DataCategory, Purpose


class Policy(Protocol):
    """Says whether a consent allows something at a moment."""

    def allows(self, consent: Consent, now: datetime) -> bool:
        """True only where the rule is met."""
        ...


@dataclass(frozen=True, slots=True)
class ConsentActive:
    """Given, not withdrawn, not run out."""

    def allows(self, consent: Consent, now: datetime) -> bool:
        """See the class."""
        return consent.withdrawn_at is None and consent.given_at <= now < consent.expires_at


@dataclass(frozen=True, slots=True)
class NotSuspended:
    """No wider edition of a policy was adopted since; else the guardian is asked again first."""

    def allows(self, consent: Consent, now: datetime) -> bool:
        """See the class."""
        return not consent.suspended


@dataclass(frozen=True, slots=True)
class NamesPurpose:
    """The guardian agreed to this very purpose."""

    purpose: Purpose

    def allows(self, consent: Consent, now: datetime) -> bool:
        """See the class."""
        return self.purpose in consent.purposes


@dataclass(frozen=True, slots=True)
class NamesData:
    """The guardian agreed that this category is held."""

    category: DataCategory

    def allows(self, consent: Consent, now: datetime) -> bool:
        """See the class."""
        return self.category in consent.data


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every policy agrees; an empty list denies."""

    policies: tuple[Policy, ...]

    def allows(self, consent: Consent, now: datetime) -> bool:
        """See the class."""
        return bool(self.policies) and all(policy.allows(consent, now) for policy in self.policies)


MAY_MATCH = AllOf(
    (ConsentActive(), NotSuspended(), NamesPurpose(Purpose.ACCESS), NamesData(DataCategory.FACE_TEMPLATE))
)
"""What must hold before a face is compared with a child's templates at a gate."""
