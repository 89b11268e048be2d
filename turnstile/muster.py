"""Who is inside, by name: the one list that a fire brigade asks for."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from edge.domain.ids import ChildId
from edge.vault.vault import Vault
from turnstile.presence import Inside

MAY_HAVE_LEFT = "may have left while the gate stood open"
VISITORS = "visitors"


def muster(people: Iterable[Inside], vault: Vault, now: datetime, zone: ZoneInfo) -> list[dict[str, str]]:
    """One row each, with texts to print. Raises VaultError."""
    visitors = {visitor.holder.id: visitor.label for visitor in vault.visitors.all()}
    return [
        {
            **_who(inside.child, vault, visitors),
            "since": _since(inside, now.astimezone(zone)),
            "note": MAY_HAVE_LEFT if inside.may_have_left else "",
        }
        for inside in people
    ]


def _who(child: ChildId, vault: Vault, visitors: Mapping[ChildId, str]) -> dict[str, str]:
    entry = vault.roster.child(child)
    if entry is not None:
        return {"name": entry.full_name, "group": entry.group, "number": entry.student_number}
    if child in visitors:
        return {"name": visitors[child], "group": VISITORS, "number": ""}
    return {"name": "not on the roster", "group": "", "number": ""}


def _since(inside: Inside, now: datetime) -> str:
    """The time, with its date where that is not today's."""
    local = inside.since.astimezone(now.tzinfo)
    return local.strftime("%H:%M" if local.date() == now.date() else "%d.%m. %H:%M")
