"""Who is inside, by name: the one list that a fire brigade asks for."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from edge.vault.vault import Vault
from turnstile.presence import Inside

MAY_HAVE_LEFT = "may have left while the gate stood open"


def muster(people: Iterable[Inside], vault: Vault, zone: ZoneInfo) -> list[dict[str, str]]:
    """One row each, with texts to print. Raises VaultError."""
    return [
        {
            **_who(inside, vault),
            "since": inside.since.astimezone(zone).strftime("%H:%M"),
            "note": MAY_HAVE_LEFT if inside.may_have_left else "",
        }
        for inside in people
    ]


def _who(inside: Inside, vault: Vault) -> dict[str, str]:
    entry = vault.roster.child(inside.child)
    if entry is None:
        return {"name": "not on the roster", "group": "", "number": ""}
    return {"name": entry.full_name, "group": entry.group, "number": entry.student_number}
