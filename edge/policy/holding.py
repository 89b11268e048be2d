"""What may be held of the people on a roster, and so what a consent lists. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeVar

from edge.domain.consent import DataCategory, Purpose
from edge.domain.people import Child, Guardian
from edge.policy.capture import beyond
from edge.policy.strictest import InForceRules
from edge.policy.values import Only

CHILD: Mapping[str, DataCategory] = MappingProxyType(
    {
        "student_number": DataCategory.STUDENT_NUMBER,
        "full_name": DataCategory.NAME,
        "born": DataCategory.BIRTH_DATE,
        "group": DataCategory.NAME,
        "iin": DataCategory.IIN,
        "role": DataCategory.NAME,
    }
)
"""Every field of a `Child` but the pseudonym, and the kind of data it is."""
GUARDIAN: Mapping[str, DataCategory] = MappingProxyType(
    {
        "full_name": DataCategory.NAME,
        "relation": DataCategory.NAME,
        "phone": DataCategory.CONTACTS,
        "email": DataCategory.CONTACTS,
        "iin": DataCategory.IIN,
        "born": DataCategory.BIRTH_DATE,
    }
)
"""The same of a `Guardian`."""
ROSTER = frozenset({*CHILD.values(), *GUARDIAN.values()})
DISPENSABLE = frozenset({DataCategory.IIN, DataCategory.BIRTH_DATE})
"""What the product can do without. A policy that leaves out anything else leaves no consent possible."""
_EMPTY: Mapping[str, Any] = MappingProxyType({"born": None, "iin": "", "phone": "", "email": ""})
PersonT = TypeVar("PersonT", bound=Child | Guardian)


def listed(purposes: Iterable[Purpose], rules: InForceRules) -> frozenset[DataCategory]:
    """What a consent to these purposes lists: everything that is held, a face for access only."""
    held = ROSTER - (DISPENSABLE & forbidden(rules)) | {DataCategory.ATTENDANCE_EVENTS}
    return held | {DataCategory.FACE_TEMPLATE} if Purpose.ACCESS in purposes else held


def forbidden(rules: InForceRules) -> frozenset[DataCategory]:
    """The kinds of data of a roster that the rules in force do not allow."""
    found = rules.get("data")
    return (
        ROSTER - found.value.allowed if found is not None and isinstance(found.value, Only) else frozenset()
    )


def filled(person: Child | Guardian) -> dict[str, DataCategory]:
    """The fields that say something, with the kind of data each is."""
    kinds = CHILD if isinstance(person, Child) else GUARDIAN
    return {name: kind for name, kind in kinds.items() if getattr(person, name)}


def objections(fields: Mapping[str, DataCategory], rules: InForceRules) -> list[str]:
    """One line with the fields that may not be held and the clauses that forbid it; none where all may."""
    kinds = forbidden(rules)
    against = {name: kind for name, kind in fields.items() if kind in kinds}
    return beyond(rules, "data", ", ".join(against), Only(frozenset(against.values()))) if against else []


def surplus(person: Child | Guardian, rules: InForceRules) -> tuple[str, ...]:
    """The fields that say something, may not, and can be left empty."""
    kinds = forbidden(rules)
    return tuple(name for name, kind in filled(person).items() if kind in kinds and name in _EMPTY)


def without_surplus(person: PersonT, rules: InForceRules) -> PersonT:
    """The same person with those fields empty."""
    return replace(person, **{name: _EMPTY[name] for name in surplus(person, rules)})
