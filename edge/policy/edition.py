"""Whether a new edition of a policy reaches further than the one before. Pure."""

from edge.policy.profile import Edition
from edge.policy.values import as_strict

REACH = (
    "general_purposes",
    "biometric_purposes",
    "additional_consent",
    "marketing",
    "data",
    "state_bodies",
    "third_parties",
    "never_sold",
    "not_published",
    "stays_in_country",
)
"""The rules on purposes, data and recipients: who agreed to less is asked again."""


def widens(old: Edition, new: Edition) -> tuple[str, ...]:
    """The rules of REACH by which `new` allows what `old` did not; a limit that is left out counts too."""
    before, after = old.counting(), new.counting()
    return tuple(
        name
        for name in REACH
        if name in before and not (name in after and as_strict(after[name].value, before[name].value))
    )
