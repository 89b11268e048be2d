"""Credentials besides the face: who can hold one, and why one is refused."""

from dataclasses import dataclass
from enum import StrEnum

from edge.domain.ids import ChildId


class CredentialKind(StrEnum):
    """What is shown at the gate."""

    QR = "qr"
    CARD = "card"


class HolderKind(StrEnum):
    """Whose it is: somebody's on the roster, a pupil's or staff's, or a visitor's, who has no biometrics."""

    CHILD = "child"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a credential; a visitor's pseudonym is random and of the same form as a child's."""

    kind: HolderKind
    id: ChildId


class Refusal(StrEnum):
    """Why a credential opens nothing. The list is closed.

    The first five are said of what is written in a code, the next five of what the vault knows about it.
    """

    NOT_A_PASS = "not_a_pass"  # noqa: S105 - a reason, no password
    OTHER_VERSION = "other_version"
    DAMAGED = "damaged"
    OTHER_SCHOOL = "other_school"
    WRONG_SIGNATURE = "wrong_signature"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    REPLACED = "replaced"
    EXPIRED = "expired"
    CLOCK_SET_BACK = "clock_set_back"
    LOCKED = "locked"
    VAULT_UNAVAILABLE = "vault_unavailable"
