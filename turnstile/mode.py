"""What an access point asks for."""

from enum import StrEnum


class Mode(StrEnum):
    """Of an access point.

    IDENTIFY: a face alone is enough, a credential too. VERIFY: the credential first, then the face of its
    holder, where the holder has one enrolled. CREDENTIAL_ONLY: no face is looked at.
    """

    IDENTIFY = "identify"
    VERIFY = "verify"
    CREDENTIAL_ONLY = "credential_only"
